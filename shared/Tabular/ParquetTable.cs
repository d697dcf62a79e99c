using System.Globalization;
using Modeldrop.Errors;
using Modeldrop.Storage;
using Parquet;
using Parquet.Schema;

namespace Modeldrop.Tabular;

/// <summary>
/// Flat Parquet columns as text: numbers and booleans by <see cref="CellText"/>, so that they parse to the same bits; times as RFC 3339.
/// A null is missing. Only columns that are wanted are decoded: what others hold does not matter.
/// </summary>
internal static class ParquetTable
{
    /// <summary>Of a row group: one of its columns is in memory as a whole.</summary>
    private const int MaxGroupRows = 20_000_000;

    /// <summary>Rows times columns of a part.</summary>
    private const int PartCells = 4_000_000;

    private const int MaxPartRows = 262_144;

    /// <param name="choose">Says by the columns which are wanted; null: all that can be read.</param>
    public static Task<Table> ReadAsync(
        string path, TableLimits limits, Func<Table, IEnumerable<string>>? choose, CancellationToken cancellationToken)
    {
        string file = Path.GetFileName(path);
        return OpenAsync(file, () => ParquetReader.CreateAsync(path, cancellationToken: cancellationToken), async reader =>
        {
            Table header = HeaderOf(reader, file);
            TableColumn[] wanted = Wanted(header, choose?.Invoke(header), file);

            // By the metadata, so that a file that promises too much is refused before anything is allocated for it.
            long rows = reader.RowGroups.Sum(group => group.RowCount);
            if (limits.Violation(file, rows, wanted.Length) is { } violation)
            {
                throw TableReader.Invalid(violation);
            }

            Dictionary<string, string?[]> values = wanted.ToDictionary(column => column.Name, _ => new string?[rows]);
            int start = 0;
            foreach (ParquetRowGroupReader group in reader.RowGroups)
            {
                await ReadGroupAsync(reader, group, values, start, 0, (int)group.RowCount, cancellationToken);
                start += (int)group.RowCount;
            }

            return TableOf(header, values, (int)rows, 1);
        });
    }

    /// <summary>Some rows of a row group.</summary>
    public static Task<Table> ReadChunkAsync(
        Stream stream, string file, TableChunk chunk, IReadOnlyList<string> needed, CancellationToken cancellationToken) =>
        OpenAsync(file, () => ParquetReader.CreateAsync(stream, leaveStreamOpen: true, cancellationToken: cancellationToken),
            async reader =>
        {
            Table header = HeaderOf(reader, file);
            int rows = (int)chunk.Length;
            Dictionary<string, string?[]> values = Wanted(header, needed, file).ToDictionary(column => column.Name, _ => new string?[rows]);
            int first = chunk.Line - 1 - (int)reader.RowGroups.Take((int)chunk.Start).Sum(group => group.RowCount);
            await ReadGroupAsync(reader, reader.OpenRowGroupReader((int)chunk.Start), values, 0, first, rows, cancellationToken);
            return TableOf(header, values, rows, chunk.Line);
        });

    /// <summary>Parts of the row groups that have rows.</summary>
    public static Task<ChunkedTable> CutAsync(Stream stream, string file, CancellationToken cancellationToken) =>
        OpenAsync(file, () => ParquetReader.CreateAsync(stream, leaveStreamOpen: true, cancellationToken: cancellationToken), reader =>
        {
            Table header = HeaderOf(reader, file);
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

    private static async Task<T> OpenAsync<T>(string file, Func<Task<ParquetReader>> open, Func<ParquetReader, Task<T>> read)
    {
        try
        {
            await using ParquetReader reader = await open();
            return await read(reader);
        }
        // The library meets hostile bytes here and throws whatever comes (index, overflow, I/O): all of it says that the file is broken.
        catch (Exception exception) when (
            exception is not (ServiceException or OperationCanceledException or OutOfMemoryException) && !exception.IsStorageFailure())
        {
            throw TableReader.Invalid($"'{file}' cannot be read as Parquet: {exception.Message}", exception);
        }
    }

    /// <summary>
    /// The columns of the file, without values; a column that is not flat, or of a type without a text form, has a problem.
    /// </summary>
    private static Table HeaderOf(ParquetReader reader, string file)
    {
        TableReader.CheckNames(file, [.. reader.Schema.Fields.Select(field => field.Name)]);
        return new Table([.. reader.Schema.Fields.Select(field =>
            new TableColumn(field.Name, []) { IsRead = false, Problem = ProblemOf(field) })], 0);
    }

    private static string? ProblemOf(Field field) =>
        field is not DataField data || data.IsArray || data.MaxRepetitionLevel > 0
            ? $"is {(field.SchemaType == SchemaType.Struct ? "a struct" : field.SchemaType == SchemaType.Map ? "a map" : "a list")}; "
                + "write its parts as columns of their own"
            : IsText(data.ClrType) || Readers.ContainsKey(data.ClrType) ? null
            : "is of a type that is neither number nor text; write it as one";

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

    /// <param name="values">By column, of all rows that are read.</param>
    /// <param name="start">Where those of this group begin.</param>
    /// <param name="first">Row of the group from which on they are taken.</param>
    private static async Task ReadGroupAsync(
        ParquetReader reader, ParquetRowGroupReader group, Dictionary<string, string?[]> values, int start, int first, int rows,
        CancellationToken cancellationToken)
    {
        int all = checked((int)group.RowCount);
        foreach (DataField field in reader.Schema.Fields.OfType<DataField>().Where(field => values.ContainsKey(field.Name)))
        {
            Memory<string?> target = values[field.Name].AsMemory(start, rows);
            if (!IsText(field.ClrType))
            {
                await Readers[field.ClrType](group, field, target, first, cancellationToken);
                continue;
            }

            string?[] texts = new string?[all];
            await group.ReadAsync(field, texts!, null, cancellationToken);
            texts.AsMemory(first, rows).CopyTo(target);
        }
    }

    // Text columns of a file come with the one type, those of a schema made in code with the other.
    private static bool IsText(Type type) => type == typeof(ReadOnlyMemory<char>) || type == typeof(string);

    private delegate Task ColumnReader(
        ParquetRowGroupReader group, DataField field, Memory<string?> target, int first, CancellationToken cancellationToken);

    private static readonly Dictionary<Type, ColumnReader> Readers = new()
    {
        [typeof(double)] = Of<double>((value, _) => CellText.Of(value)),
        [typeof(float)] = Of<float>((value, _) => CellText.Of(value)),
        [typeof(bool)] = Of<bool>((value, _) => CellText.Of(value)),
        [typeof(sbyte)] = Of<sbyte>(Plain),
        [typeof(byte)] = Of<byte>(Plain),
        [typeof(short)] = Of<short>(Plain),
        [typeof(ushort)] = Of<ushort>(Plain),
        [typeof(int)] = Of<int>(Plain),
        [typeof(uint)] = Of<uint>(Plain),
        [typeof(long)] = Of<long>(Plain),
        [typeof(ulong)] = Of<ulong>(Plain),
        [typeof(decimal)] = Of<decimal>((value, field) => CellText.Of(value, ((DecimalDataField)field).Scale)),
        [typeof(DateTime)] = Of<DateTime>((value, _) => value.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture)),
        [typeof(DateOnly)] = Of<DateOnly>((value, _) => value.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)),
        [typeof(TimeOnly)] = Of<TimeOnly>((value, _) => value.ToString("HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture)),
        [typeof(TimeSpan)] = Of<TimeSpan>((value, _) => value.ToString("c", CultureInfo.InvariantCulture)),
        [typeof(Guid)] = Of<Guid>((value, _) => value.ToString()),
    };

    private static string Plain<T>(T value, DataField field)
        where T : struct, IFormattable => value.ToString(null, CultureInfo.InvariantCulture);

    private static ColumnReader Of<T>(Func<T, DataField, string?> format)
        where T : struct =>
        async (group, field, target, first, cancellationToken) =>
        {
            // A column is decoded whole: its pages do not say which rows they have.
            if (field.IsNullable)
            {
                var values = new T?[group.RowCount];
                await group.ReadAsync<T>(field, values.AsMemory(), null, cancellationToken);
                for (int row = 0; row < target.Length; row++)
                {
                    target.Span[row] = values[first + row] is { } value ? format(value, field) : null;
                }
            }
            else
            {
                var values = new T[group.RowCount];
                await group.ReadAsync<T>(field, values.AsMemory(), null, cancellationToken);
                for (int row = 0; row < target.Length; row++)
                {
                    target.Span[row] = format(values[first + row], field);
                }
            }
        };
}
