using Modeldrop.Errors;

namespace Modeldrop.Tabular;

/// <summary>Cuts a file into parts and reads them one by one, so that no file is too large and many hands can work on one.</summary>
public static class TableChunks
{
    /// <summary>Finds the parts: reads a text once, of Parquet its footer only. Memory does not grow with the file.</summary>
    /// <param name="file">Can seek.</param>
    /// <param name="name">For what is wrong with it.</param>
    /// <param name="targetBytes">A part of a text ends with the row that reaches so many bytes; a row group of Parquet is a part, or
    /// several.</param>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.InvalidRequest"/> when no row can be told from the next one, or none can be read.
    /// </exception>
    public static Task<ChunkedTable> CutAsync(
        Stream file, string name, TableFormat format, long targetBytes, CancellationToken cancellationToken) => format switch
    {
        TableFormat.Csv => CsvTable.CutAsync(file, name, targetBytes, cancellationToken),
        TableFormat.JsonLines => JsonLinesTable.CutAsync(file, name, targetBytes, cancellationToken),
        _ => ParquetTable.CutAsync(file, name, cancellationToken),
    };

    /// <summary>Reads a part. A row that is not as it should be stays in its place, with <see cref="Table.ProblemOf"/>.</summary>
    /// <param name="file">Of a text: the bytes of the part. Of Parquet: the whole file; can seek.</param>
    /// <param name="needed">The columns that are asked for; others may be left out.</param>
    public static Task<Table> ReadAsync(
        Stream file, string name, ChunkedTable table, TableChunk chunk, IReadOnlyList<string> needed,
        CancellationToken cancellationToken) =>
        table.Format switch
        {
            TableFormat.Csv => CsvTable.ReadChunkAsync(file, name, table.Csv!, chunk.Line, cancellationToken),
            TableFormat.JsonLines => JsonLinesTable.ReadChunkAsync(file, needed, chunk.Line, cancellationToken),
            _ => ParquetTable.ReadChunkAsync(file, name, chunk, needed, cancellationToken),
        };
}
