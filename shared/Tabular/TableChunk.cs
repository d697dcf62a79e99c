namespace Modeldrop.Tabular;

/// <summary>A part of a file that can be read without the rest.</summary>
/// <param name="Start">Of a text: its first byte. Of Parquet: its first row group.</param>
/// <param name="Length">In the same unit.</param>
/// <param name="Line">Of its first row: the line of a text, the row of Parquet; counted from 1.</param>
public sealed record TableChunk(long Start, long Length, int Line);

/// <summary>A file in parts that together are all of its rows, in order.</summary>
/// <param name="Columns">In the file's order; of JSON lines the members of the first object.</param>
public sealed record ChunkedTable(TableFormat Format, IReadOnlyList<string> Columns, IReadOnlyList<TableChunk> Chunks);
