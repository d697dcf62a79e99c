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
    public static Task<Table> ReadAsync(Stream stream, string file, TableLimits limits, CancellationToken cancellationToken) =>
        ParseAsync(stream, file, 1, async (reader, place) =>
        {
            string[] names = await ReadHeaderAsync(reader, file, cancellationToken);
            place.Line += LineBreaks(reader);
            return await ReadRowsAsync(reader, file, names, place, limits, cancellationToken);
        });

    /// <summary>Rows without their header; one that has not as many fields as <paramref name="names"/> has a problem.</summary>
    public static Task<Table> ReadChunkAsync(Stream stream, string file, IReadOnlyList<string> names, int line, CancellationToken cancellationToken) =>
        ParseAsync(stream, file, line, (reader, place) => ReadRowsAsync(reader, file, [.. names], place, limits: null, cancellationToken));

    public static Task<ChunkedTable> CutAsync(Stream stream, string file, long targetBytes, CancellationToken cancellationToken) =>
        ParseAsync(stream, file, 1, async (reader, place) =>
        {
            string[] names = await ReadHeaderAsync(reader, file, cancellationToken);
            var cuts = new ChunkCutter(targetBytes, BytesOf(reader) + await MarkBytesAsync(stream, cancellationToken), place.Line += LineBreaks(reader));
            while (await reader.ReadAsync(cancellationToken))
            {
                cuts.Add(BytesOf(reader), LineBreaks(reader));
                place.Line = cuts.Line;
            }

            return new ChunkedTable(TableFormat.Csv, names, cuts.End());
        });

    private static async Task<T> ParseAsync<T>(Stream stream, string file, int line, Func<CsvDataReader, Place, Task<T>> read)
    {
        var place = new Place { Line = line };
        try
        {
            using var text = new StreamReader(stream, new UTF8Encoding(false, throwOnInvalidBytes: true), leaveOpen: true);
            await using CsvDataReader reader = await CsvDataReader.CreateAsync(text, Options());
            return await read(reader, place);
        }
        catch (CsvRecordTooLargeException exception)
        {
            throw TableReader.Invalid($"'{file}', line {place.Line}: a record is longer than {MaxRecordChars:N0} characters; is a quote left open?", exception);
        }
        catch (CsvFormatException exception)
        {
            throw TableReader.Invalid($"'{file}', line {place.Line}: the text is not CSV: {exception.Message}", exception);
        }
        catch (DecoderFallbackException exception)
        {
            throw TableReader.Invalid($"'{file}' is not UTF-8 text (after line {place.Line}).", exception);
        }
    }

    /// <param name="limits">Of a whole file; null: of a part, whose rows that do not fit are kept, with their problem.</param>
    private static async Task<Table> ReadRowsAsync(
        CsvDataReader reader, string file, string[] names, Place place, TableLimits? limits, CancellationToken cancellationToken)
    {
        var columns = Array.ConvertAll(names, _ => new List<string?>());
        List<int> lines = [];
        Dictionary<int, string> problems = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            int breaks = LineBreaks(reader);
            if (!IsBlank(reader, names.Length))
            {
                bool fits = reader.RowFieldCount == names.Length;
                if (!fits)
                {
                    string problem = $"{reader.RowFieldCount} fields, but the header has {names.Length}";
                    problems[lines.Count] = limits is null ? problem : throw TableReader.Invalid($"'{file}', line {place.Line}: {problem}.");
                }

                for (int index = 0; index < names.Length; index++)
                {
                    string field = fits ? reader.GetString(index) : "";
                    columns[index].Add(field.Length == 0 ? null : field);
                }

                lines.Add(place.Line);
                if (limits?.Violation(file, lines.Count, names.Length) is { } violation)
                {
                    throw TableReader.Invalid(violation);
                }
            }

            place.Line += breaks;
        }

        return new Table([.. names.Select((name, index) => new TableColumn(name, columns[index]))], lines.Count, lines, problems);
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

    private static int BytesOf(CsvDataReader reader) => Encoding.UTF8.GetByteCount(reader.GetRawRecordSpan());

    /// <summary>Bytes of the byte order mark, which no record has.</summary>
    private static async Task<int> MarkBytesAsync(Stream stream, CancellationToken cancellationToken)
    {
        long position = stream.Position;
        byte[] start = new byte[3];
        stream.Position = 0;
        int read = await stream.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellationToken);
        stream.Position = position;
        return start.AsSpan(0, read).StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
    }

    private sealed class Place
    {
        /// <summary>Of what is read next.</summary>
        public int Line { get; set; }
    }
}
