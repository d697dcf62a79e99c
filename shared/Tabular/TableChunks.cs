using Modeldrop.Errors;

namespace Modeldrop.Tabular;

/// <summary>Cuts a file into parts and reads them one by one, so that a file may have any size and several workers can share it.</summary>
public static class TableChunks
{
    /// <summary>Finds the parts. Reads a text once, and only the footer of a Parquet file. Memory does not grow with the file.</summary>
    /// <param name="file">Seekable.</param>
    /// <param name="name">The file's name, for error messages.</param>
    /// <param name="targetBytes">
    /// A part of a text ends with the row that reaches this size. A Parquet row group becomes one part or several.
    /// </param>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.InvalidRequest"/> when rows cannot be separated, or no row can be read.
    /// </exception>
    public static Task<ChunkedTable> CutAsync(
        Stream file, string name, TableFormat format, long targetBytes, CancellationToken cancellationToken) => format switch
    {
        TableFormat.Csv => CsvTable.CutAsync(file, name, targetBytes, cancellationToken),
        TableFormat.JsonLines => JsonLinesTable.CutAsync(file, name, targetBytes, cancellationToken),
        _ => ParquetTable.CutAsync(file, name, cancellationToken),
    };

    /// <summary>Reads a part. An invalid row stays in its place, with <see cref="Table.ProblemOf"/>.</summary>
    /// <param name="file">Text: the bytes of the part. Parquet: the whole file, seekable.</param>
    /// <param name="needed">The requested columns; others may be left out.</param>
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
