using System.Text.Json.Serialization;

namespace Modeldrop.Tabular;

/// <summary>A part of a file that can be read without the rest.</summary>
/// <param name="Start">Text: the first byte. Parquet: the row group.</param>
/// <param name="Length">Text: bytes. Parquet: rows of the group.</param>
/// <param name="Line">The line (text) or row (Parquet) of the first row, counted from 1.</param>
public sealed record TableChunk(long Start, long Length, int Line);

/// <summary>A file in parts, which together hold all its rows in order.</summary>
/// <param name="Columns">In the file's order; for JSON Lines, the members of the first object.</param>
/// <param name="Csv">The layout of a CSV file; null for other formats.</param>
public sealed record ChunkedTable(
    TableFormat Format, IReadOnlyList<string> Columns, IReadOnlyList<TableChunk> Chunks, CsvLayout? Csv = null)
{
    /// <summary>For each column that cannot be read as numbers, the reason.</summary>
    public IReadOnlyDictionary<string, string> Problems { get; init; } = Csv?.Ambiguous ?? new Dictionary<string, string>();

    /// <summary>The columns without rows, to compare them with a model.</summary>
    [JsonIgnore]
    public Table Header => new([.. Columns.Select(name => new TableColumn(name, [])
    {
        Problem = Problems.GetValueOrDefault(name),
        IsRead = Format != TableFormat.Parquet,
    })], 0);
}
