using Modeldrop.Errors;
using Parquet;

namespace Modeldrop.Tabular;

/// <summary>
/// Flat Parquet columns as text: numbers and booleans by <see cref="CellText"/>, so that they parse to the same bits; times as RFC 3339. A
/// null is missing. Only wanted columns are decoded; the content of others does not matter.
/// </summary>
internal static class ParquetTable
{
    /// <summary>The most rows of a row group, because one of its columns is in memory as a whole.</summary>
    private const int MaxGroupRows = 20_000_000;

    /// <summary>The most rows times columns in a part.</summary>
    private const int PartCells = 4_000_000;

    private const int MaxPartRows = 262_144;

    /// <param name="choose">Chooses the wanted columns; null: all readable columns.</param>
    public static Task<Table> ReadAsync(
        string path, TableLimits limits, Func<Table, IEnumerable<string>>? choose, CancellationToken cancellationToken)
    {
        string file = Path.GetFileName(path);
        return OpenAsync(file, () => ParquetReader.CreateAsync(path, cancellationToken: cancellationToken), async (reader, columns) =>
        {
            Table header = HeaderOf(columns);
            TableColumn[] wanted = Wanted(header, choose?.Invoke(header), file);

            // Checked in the metadata, so that a file that declares too much is refused before any allocation.
            long rows = reader.RowGroups.Sum(group => group.RowCount);
            if (limits.Violation(file, rows, wanted.Length) is { } violation)
            {
                throw TableReader.Invalid(violation);
            }

            Dictionary<string, string?[]> values = wanted.ToDictionary(column => column.Name, _ => new string?[rows]);
            int start = 0;
            foreach (ParquetRowGroupReader group in reader.RowGroups)
            {
                await ReadGroupAsync(group, columns, file, values, (start, (int)group.RowCount), 0, cancellationToken);
                start += (int)group.RowCount;
            }

            return TableOf(header, values, (int)rows, 1);
        });
    }

    /// <summary>Reads some rows of a row group.</summary>
    public static Task<Table> ReadChunkAsync(
        Stream stream, string file, TableChunk chunk, IReadOnlyList<string> needed, CancellationToken cancellationToken) =>
        OpenAsync(file, () => ParquetReader.CreateAsync(stream, leaveStreamOpen: true, cancellationToken: cancellationToken),
            async (reader, columns) =>
        {
            Table header = HeaderOf(columns);
            int rows = (int)chunk.Length;
            Dictionary<string, string?[]> values = Wanted(header, needed, file).ToDictionary(column => column.Name, _ => new string?[rows]);
            int first = chunk.Line - 1 - (int)reader.RowGroups.Take((int)chunk.Start).Sum(group => group.RowCount);
            await ReadGroupAsync(
                reader.OpenRowGroupReader((int)chunk.Start), columns, file, values, (0, rows), first, cancellationToken);
            return TableOf(header, values, rows, chunk.Line);
        });

    /// <summary>Cuts the non-empty row groups into parts.</summary>
    public static Task<ChunkedTable> CutAsync(Stream stream, string file, CancellationToken cancellationToken) =>
        OpenAsync(file, () => ParquetReader.CreateAsync(stream, leaveStreamOpen: true, cancellationToken: cancellationToken),
            (reader, columns) =>
        {
            Table header = HeaderOf(columns);
            int most = Math.Clamp(PartCells / Math.Max(1, header.Columns.Count), 1, MaxPartRows);
            List<TableChunk> chunks = [];
            long row = 1;
            foreach ((int index, long rows) in reader.RowGroups.Select(group => group.RowCount).Index().ToArray())
            {
                if (rows > MaxGroupRows)
                {
                    throw TableReader.Invalid($"'{file}', row group {index + 1} has {rows:N0} rows; at most {MaxGroupRows:N0} can be read. "
                        + "Write it with smaller ones, such as row_group_size=1000000.");
                }

                for (long first = 0; first < rows; first += most)
                {
                    chunks.Add(new TableChunk(index, Math.Min(most, rows - first), checked((int)(row + first))));
                }

                row += rows;
            }

            return Task.FromResult(new ChunkedTable(TableFormat.Parquet, [.. header.Columns.Select(column => column.Name)], chunks)
            {
                Problems = header.Columns.Where(column => column.Problem is not null)
                    .ToDictionary(column => column.Name, column => column.Problem!),
            });
        });

    private static async Task<T> OpenAsync<T>(
        string file, Func<Task<ParquetReader>> open, Func<ParquetReader, IReadOnlyList<ParquetColumn>, Task<T>> read)
    {
        try
        {
            await using ParquetReader reader = await open();
            return await read(reader, ParquetColumn.Of(reader, file));
        }
        catch (Exception exception) when (ParquetColumn.IsOfTheFile(exception))
        {
            throw TableReader.Invalid($"'{file}' cannot be read as Parquet: {exception.Message}", exception);
        }
    }

    /// <summary>The columns of the file, without values.</summary>
    private static Table HeaderOf(IReadOnlyList<ParquetColumn> columns) =>
        new([.. columns.Select(column => new TableColumn(column.Name, []) { IsRead = false, Problem = column.Problem })], 0);

    private static TableColumn[] Wanted(Table header, IEnumerable<string>? names, string file)
    {
        TableColumn[] wanted = names is null ? [.. header.Columns.Where(column => column.Problem is null)]
            : [.. names.Distinct(StringComparer.Ordinal).Select(header.FindColumn).OfType<TableColumn>()];
        string[] violations = [.. wanted.Where(column => column.Problem is not null).Select(column =>
            $"Column '{column.Name}' of '{file}' {column.Problem}.")];
        return violations.Length == 0 ? wanted : throw new ServiceException(ErrorCode.InvalidRequest, violations);
    }

    private static Table TableOf(Table header, Dictionary<string, string?[]> values, int rows, int firstRow) => new(
        [.. header.Columns.Select(column =>
            values.TryGetValue(column.Name, out string?[]? read) ? column with { Values = read, IsRead = true } : column)],
        rows, firstRow: firstRow);

    /// <param name="values">The values of all rows to read, by column.</param>
    /// <param name="place">The target position of this group's rows, and their number.</param>
    /// <param name="first">The group's first row to read.</param>
    private static async Task ReadGroupAsync(
        ParquetRowGroupReader group, IReadOnlyList<ParquetColumn> columns, string file, Dictionary<string, string?[]> values,
        (int Start, int Rows) place, int first, CancellationToken cancellationToken)
    {
        foreach (ParquetColumn column in columns.Where(column => values.ContainsKey(column.Name)))
        {
            await column.ReadAsync(group, file, values[column.Name].AsMemory(place.Start, place.Rows), first, cancellationToken);
        }
    }
}
