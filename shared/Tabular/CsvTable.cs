using System.Globalization;
using System.Text;
using Sylvan.Data.Csv;

namespace Modeldrop.Tabular;

/// <summary>Comma-separated text with a header row: UTF-8, RFC 4180 quotes, any line ending. An empty field is missing.</summary>
internal static class CsvTable
{
    private const int MaxRecordChars = 16 * 1024 * 1024;

    /// <summary>Sharing the repeated values of a column keeps a large file at a pointer a cell.</summary>
    private const int MaxSharedStrings = 65_536;

    public static async Task<Table> ReadAsync(string path, TableLimits limits, CancellationToken cancellationToken)
    {
        await using FileStream stream = File.OpenRead(path);
        return await ReadAsync(stream, Path.GetFileName(path), limits, cancellationToken);
    }

    /// <param name="file">Its name, for what is wrong with it.</param>
    public static async Task<Table> ReadAsync(Stream stream, string file, TableLimits limits, CancellationToken cancellationToken)
    {
        int line = 1;
        try
        {
            using var text = new StreamReader(stream, new UTF8Encoding(false, throwOnInvalidBytes: true), leaveOpen: true);
            await using CsvDataReader reader = await CsvDataReader.CreateAsync(text, Options(), cancellationToken);
            string[] names = await ReadHeaderAsync(reader, file, cancellationToken);
            line += LineBreaks(reader);

            var columns = Array.ConvertAll(names, _ => new List<string?>());
            List<int> lines = [];
            while (await reader.ReadAsync(cancellationToken))
            {
                int breaks = LineBreaks(reader);
                if (!IsBlank(reader, names.Length))
                {
                    Append(reader, file, line, columns);
                    lines.Add(line);
                    if (limits.Violation(file, lines.Count, names.Length) is { } violation)
                    {
                        throw TableReader.Invalid(violation);
                    }
                }

                line += breaks;
            }

            return new Table([.. names.Select((name, index) => new TableColumn(name, columns[index]))], lines.Count, lines);
        }
        catch (CsvRecordTooLargeException exception)
        {
            throw TableReader.Invalid($"'{file}', line {line}: a record is longer than {MaxRecordChars:N0} characters; is a quote left open?", exception);
        }
        catch (CsvFormatException exception)
        {
            throw TableReader.Invalid($"'{file}', line {line}: the text is not CSV: {exception.Message}", exception);
        }
        catch (DecoderFallbackException exception)
        {
            throw TableReader.Invalid($"'{file}' is not UTF-8 text (after line {line}).", exception);
        }
    }

    // Without header handling of its own the reader hands out the header as the first row, so that lines can be counted from the start.
    private static CsvDataReaderOptions Options()
    {
        var shared = new Dictionary<string, string>(StringComparer.Ordinal);
        Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> lookup = shared.GetAlternateLookup<ReadOnlySpan<char>>();
        return new CsvDataReaderOptions
        {
            HasHeaders = false,
            Delimiter = ',',
            Comment = '\0',
            Culture = CultureInfo.InvariantCulture,
            BufferSize = 64 * 1024,
            MaxBufferSize = MaxRecordChars,
            StringFactory = (buffer, offset, length) =>
            {
                ReadOnlySpan<char> text = buffer.AsSpan(offset, length);
                if (lookup.TryGetValue(text, out string? known))
                {
                    return known;
                }

                string made = text.ToString();
                if (shared.Count < MaxSharedStrings)
                {
                    shared.Add(made, made);
                }

                return made;
            },
        };
    }

    private static async Task<string[]> ReadHeaderAsync(CsvDataReader reader, string file, CancellationToken cancellationToken)
    {
        if (!await reader.ReadAsync(cancellationToken))
        {
            throw TableReader.Invalid($"'{file}' is empty; its first line must name the columns.");
        }

        string[] names = [.. Enumerable.Range(0, reader.RowFieldCount).Select(index => reader.GetString(index).Trim())];
        TableReader.CheckNames(file, names);
        return names;
    }

    private static int LineBreaks(CsvDataReader reader)
    {
        ReadOnlySpan<char> record = reader.GetRawRecordSpan();
        int breaks = record.Count('\n');
        return breaks > 0 ? breaks : record.Count('\r');
    }

    private static bool IsBlank(CsvDataReader reader, int columns) =>
        reader.RowFieldCount == 0 || (reader.RowFieldCount == 1 && columns > 1 && reader.GetFieldSpan(0).IsWhiteSpace());

    private static void Append(CsvDataReader reader, string file, int line, List<string?>[] columns)
    {
        if (reader.RowFieldCount != columns.Length)
        {
            throw TableReader.Invalid($"'{file}', line {line}: {reader.RowFieldCount} fields, but the header has {columns.Length}.");
        }

        for (int index = 0; index < columns.Length; index++)
        {
            string field = reader.GetString(index);
            columns[index].Add(field.Length == 0 ? null : field);
        }
    }
}
