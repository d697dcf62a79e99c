using System.Text.Json.Serialization;

namespace Modeldrop.Tabular;

/// <summary>A part of a file that can be read without the rest.</summary>
/// <param name="Start">Of a text: its first byte. Of Parquet: its row group.</param>
/// <param name="Length">Of a text: bytes. Of Parquet: rows of the group.</param>
/// <param name="Line">Of its first row: the line of a text, the row of Parquet; counted from 1.</param>
public sealed record TableChunk(long Start, long Length, int Line);

/// <summary>A file in parts that together are all of its rows, in order.</summary>
/// <param name="Columns">In the file's order; of JSON lines the members of the first object.</param>
/// <param name="Csv">How a CSV file is written; null for other formats.</param>
public sealed record ChunkedTable(
    TableFormat Format, IReadOnlyList<string> Columns, IReadOnlyList<TableChunk> Chunks, CsvLayout? Csv = null)
{
    /// <summary>By column, why no numbers can be made of it.</summary>
    public IReadOnlyDictionary<string, string> Problems { get; init; } = Csv?.Ambiguous ?? new Dictionary<string, string>();

    /// <summary>The columns without rows, to compare them with a model.</summary>
    [JsonIgnore]
    public Table Header => new([.. Columns.Select(name => new TableColumn(name, [])
    {
        Problem = Problems.GetValueOrDefault(name),
        IsRead = Format != TableFormat.Parquet,
    })], 0);
}
