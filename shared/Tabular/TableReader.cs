using Modeldrop.Errors;

namespace Modeldrop.Tabular;

/// <summary>Reads a data file, CSV or Parquet, by its extension.</summary>
/// <remarks>
/// A damaged or hostile Parquet file can keep the Parquet library busy for ever, and no cancellation token stops it. Read files from
/// outside in the probe's child process, which has a time limit.
/// </remarks>
public static class TableReader
{
    /// <summary>The supported file extensions.</summary>
    public static IReadOnlyList<string> Extensions { get; } = [".csv", ".parquet"];

    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.InvalidRequest"/> when the file does not have the format of its extension, is malformed (with the line) or
    /// exceeds <paramref name="limits"/>.
    /// </exception>
    /// <param name="choose">
    /// Chooses the wanted columns, from columns without values. Other Parquet columns are not decoded. Null: all readable columns.
    /// </param>
    public static Task<Table> ReadAsync(
        string path, TableLimits limits, CancellationToken cancellationToken, Func<Table, IEnumerable<string>>? choose = null)
    {
        string extension = Path.GetExtension(path);
        return extension.Equals(".csv", StringComparison.OrdinalIgnoreCase) ? CsvTable.ReadAsync(path, limits, cancellationToken)
            : extension.Equals(".parquet", StringComparison.OrdinalIgnoreCase)
                ? ParquetTable.ReadAsync(path, limits, choose, cancellationToken)
            : throw new ServiceException(ErrorCode.InvalidRequest, $"'{Path.GetFileName(path)}' is neither .csv nor .parquet.");
    }

    /// <summary>The same for CSV that is not a file.</summary>
    /// <param name="name">The file's name, for error messages.</param>
    /// <param name="texts">Has the values; null: the heap.</param>
    internal static Task<Table> ReadCsvAsync(
        Stream stream, string name, TableLimits limits, CancellationToken cancellationToken, TextBlocks? texts = null) =>
        CsvTable.ReadAsync(stream, name, limits, cancellationToken, texts);

    internal static ServiceException Invalid(string detail, Exception? cause = null) => new(ErrorCode.InvalidRequest, detail, cause);

    /// <summary>Column names must be present and unique, because columns are mapped by name only.</summary>
    /// <param name="before">Number of unnamed columns before them.</param>
    internal static void CheckNames(string file, IReadOnlyList<string> names, int before = 0)
    {
        List<string> violations = [];
        for (int index = 0; index < names.Count; index++)
        {
            if (names[index].Length == 0)
            {
                violations.Add($"Column {before + index + 1} of '{file}' has no name.");
            }
        }

        foreach (IGrouping<string, string> repeated in names.Where(name => name.Length > 0).GroupBy(name => name, StringComparer.Ordinal)
                .Where(group => group.Count() > 1))
        {
            violations.Add($"Column '{repeated.Key}' appears {repeated.Count()} times in '{file}'.");
        }

        if (violations.Count > 0)
        {
            throw new ServiceException(ErrorCode.InvalidRequest, violations);
        }
    }
}
