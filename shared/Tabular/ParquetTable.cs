using System.Globalization;
using Modeldrop.Errors;
using Modeldrop.Storage;
using Parquet;
using Parquet.Schema;

namespace Modeldrop.Tabular;

/// <summary>
/// Flat Parquet columns as text: numbers and booleans by <see cref="CellText"/>, so that they parse to the same bits; times as RFC 3339.
/// A null is missing.
/// </summary>
internal static class ParquetTable
{
    public static Task<Table> ReadAsync(string path, TableLimits limits, CancellationToken cancellationToken)
    {
        string file = Path.GetFileName(path);
        return OpenAsync(file, () => ParquetReader.CreateAsync(path, cancellationToken: cancellationToken), reader =>
            ReadAsync(reader, file, limits, 0, reader.RowGroupCount, 1, cancellationToken));
    }

    /// <summary>Some of the row groups.</summary>
    public static Task<Table> ReadChunkAsync(Stream stream, string file, TableChunk chunk, CancellationToken cancellationToken) =>
        OpenAsync(file, () => ParquetReader.CreateAsync(stream, leaveStreamOpen: true, cancellationToken: cancellationToken), reader =>
            ReadAsync(reader, file, TableLimits.Default, (int)chunk.Start, (int)chunk.Length, chunk.Line, cancellationToken));

    /// <summary>A part for each row group that has rows.</summary>
    public static Task<ChunkedTable> CutAsync(Stream stream, string file, CancellationToken cancellationToken) =>
        OpenAsync(file, () => ParquetReader.CreateAsync(stream, leaveStreamOpen: true, cancellationToken: cancellationToken), reader =>
        {
            DataField[] fields = FieldsOf(reader, file);
            List<TableChunk> chunks = [];
            long row = 1;
            foreach ((int index, long rows) in reader.RowGroups.Select(group => group.RowCount).Index().ToArray())
            {
                if (TableLimits.Default.Violation($"{file}, row group {index + 1}", rows, fields.Length) is { } violation)
                {
                    throw TableReader.Invalid(violation);
                }

                if (rows > 0)
                {
                    chunks.Add(new TableChunk(index, 1, checked((int)row)));
                }

                row += rows;
            }

            return Task.FromResult(new ChunkedTable(TableFormat.Parquet, [.. fields.Select(field => field.Name)], chunks));
        });

    private static async Task<T> OpenAsync<T>(string file, Func<Task<ParquetReader>> open, Func<ParquetReader, Task<T>> read)
    {
        try
        {
            await using ParquetReader reader = await open();
            return await read(reader);
        }
        // The library meets hostile bytes here and throws whatever comes (index, overflow, I/O): all of it says that the file is broken.
        catch (Exception exception) when (exception is not (ServiceException or OperationCanceledException or OutOfMemoryException) && !exception.IsStorageFailure())
        {
            throw TableReader.Invalid($"'{file}' cannot be read as Parquet: {exception.Message}", exception);
        }
    }

    private static DataField[] FieldsOf(ParquetReader reader, string file)
    {
        DataField[] fields = reader.Schema.DataFields;
        if (fields.FirstOrDefault(field => field.IsArray || field.MaxRepetitionLevel > 0 || field.Path.Length > 1) is { } nested)
        {
            throw TableReader.Invalid($"Column '{nested.Path}' of '{file}' is nested; only flat columns can be read.");
        }

        TableReader.CheckNames(file, [.. fields.Select(field => field.Name)]);
        return fields;
    }

    private static async Task<Table> ReadAsync(
        ParquetReader reader, string file, TableLimits limits, int firstGroup, int groups, int firstRow, CancellationToken cancellationToken)
    {
        DataField[] fields = FieldsOf(reader, file);

        // By the metadata, so that a file that promises too much is refused before anything is allocated for it.
        long rows = reader.RowGroups.Skip(firstGroup).Take(groups).Sum(group => group.RowCount);
        if (limits.Violation(file, rows, fields.Length) is { } violation)
        {
            throw TableReader.Invalid(violation);
        }

        var columns = Array.ConvertAll(fields, _ => new string?[rows]);
        int start = 0;
        for (int index = firstGroup; index < firstGroup + groups; index++)
        {
            ParquetRowGroupReader group = reader.OpenRowGroupReader(index);
            int count = checked((int)group.RowCount);
            for (int column = 0; column < fields.Length; column++)
            {
                await ReadColumnAsync(group, fields[column], columns[column].AsMemory(start, count), cancellationToken);
            }

            start += count;
        }

        return new Table([.. fields.Select((field, index) => new TableColumn(field.Name, columns[index]))], (int)rows, firstRow: firstRow);
    }

    private static Task ReadColumnAsync(ParquetRowGroupReader group, DataField field, Memory<string?> target, CancellationToken cancellationToken)
    {
        Type type = field.ClrType;
        // Text columns of a file come with the one type, those of a schema made in code with the other.
        return type == typeof(ReadOnlyMemory<char>) || type == typeof(string) ? group.ReadAsync(field, target!, null, cancellationToken).AsTask()
            : type == typeof(double) ? ReadAsync<double>(group, field, target, CellText.Of, cancellationToken)
            : type == typeof(float) ? ReadAsync<float>(group, field, target, CellText.Of, cancellationToken)
            : type == typeof(bool) ? ReadAsync<bool>(group, field, target, CellText.Of, cancellationToken)
            : type == typeof(sbyte) ? ReadNumberAsync<sbyte>(group, field, target, cancellationToken)
            : type == typeof(byte) ? ReadNumberAsync<byte>(group, field, target, cancellationToken)
            : type == typeof(short) ? ReadNumberAsync<short>(group, field, target, cancellationToken)
            : type == typeof(ushort) ? ReadNumberAsync<ushort>(group, field, target, cancellationToken)
            : type == typeof(int) ? ReadNumberAsync<int>(group, field, target, cancellationToken)
            : type == typeof(uint) ? ReadNumberAsync<uint>(group, field, target, cancellationToken)
            : type == typeof(long) ? ReadNumberAsync<long>(group, field, target, cancellationToken)
            : type == typeof(ulong) ? ReadNumberAsync<ulong>(group, field, target, cancellationToken)
            : type == typeof(decimal) ? ReadAsync<decimal>(
                group, field, target, value => CellText.Of(value, ((DecimalDataField)field).Scale), cancellationToken)
            : type == typeof(DateTime) ? ReadAsync<DateTime>(group, field, target, value => value.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture), cancellationToken)
            : throw TableReader.Invalid($"Column '{field.Name}' has the Parquet type {type.Name}, which cannot be read.");
    }

    private static Task ReadNumberAsync<T>(ParquetRowGroupReader group, DataField field, Memory<string?> target, CancellationToken cancellationToken)
        where T : struct, IFormattable =>
        ReadAsync<T>(group, field, target, value => value.ToString(null, CultureInfo.InvariantCulture), cancellationToken);

    private static async Task ReadAsync<T>(
        ParquetRowGroupReader group, DataField field, Memory<string?> target, Func<T, string?> format, CancellationToken cancellationToken)
        where T : struct
    {
        if (field.IsNullable)
        {
            var values = new T?[target.Length];
            await group.ReadAsync<T>(field, values.AsMemory(), null, cancellationToken);
            Fill(target.Span, values, value => value is { } known ? format(known) : null);
        }
        else
        {
            var values = new T[target.Length];
            await group.ReadAsync<T>(field, values.AsMemory(), null, cancellationToken);
            Fill(target.Span, values, format);
        }
    }

    private static void Fill<T>(Span<string?> target, T[] values, Func<T, string?> format)
    {
        for (int index = 0; index < values.Length; index++)
        {
            target[index] = format(values[index]);
        }
    }
}
