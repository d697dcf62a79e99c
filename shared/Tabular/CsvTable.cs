using System.Globalization;
using System.Text;
using Sylvan.Data.Csv;

namespace Modeldrop.Tabular;

/// <summary>
/// Separated text with a header row: UTF-8, RFC 4180 quotes, any line ending; commas, semicolons or tabs between the fields. An empty field
/// is missing.
/// </summary>
internal static class CsvTable
{
    private const int MaxRecordChars = 16 * 1024 * 1024;

    public static async Task<Table> ReadAsync(string path, TableLimits limits, CancellationToken cancellationToken)
    {
        await using FileStream stream = File.OpenRead(path);
        return await ReadAsync(stream, Path.GetFileName(path), limits, cancellationToken);
    }

    /// <param name="file">The file's name, for error messages.</param>
    /// <param name="texts">Has the values; null: the heap.</param>
    public static Task<Table> ReadAsync(
        Stream stream, string file, TableLimits limits, CancellationToken cancellationToken, TextBlocks? texts = null) =>
        ParseAsync(stream, file, 1, null, async (reader, delimiter, place) =>
        {
            CsvLayout layout = await ReadHeaderAsync(reader, file, delimiter, cancellationToken);
            place.Line += LineBreaks(reader);
            return await ReadRowsAsync(reader, file, layout, place, limits, texts, cancellationToken);
        });

    /// <summary>Reads rows without their header. A row whose fields do not match the header has a problem.</summary>
    public static Task<Table> ReadChunkAsync(Stream stream, string file, CsvLayout layout, int line, CancellationToken cancellationToken) =>
        ParseAsync(stream, file, line, layout.Delimiter,
            (reader, _, place) => ReadRowsAsync(reader, file, layout, place, limits: null, texts: null, cancellationToken));

    public static Task<ChunkedTable> CutAsync(Stream stream, string file, long targetBytes, CancellationToken cancellationToken) =>
        ParseAsync(stream, file, 1, null, async (reader, delimiter, place) =>
        {
            CsvLayout layout = await ReadHeaderAsync(reader, file, delimiter, cancellationToken);
            var marks = new DecimalMarks(layout.Names);
            var cuts = new ChunkCutter(
                targetBytes, BytesOf(reader) + await MarkBytesAsync(stream, cancellationToken), place.Line += LineBreaks(reader));
            while (await reader.ReadAsync(cancellationToken))
            {
                for (int index = 0; ProblemOf(reader, layout) is null && index < layout.Fields.Count; index++)
                {
                    marks.Add(index, reader.GetFieldSpan(layout.Fields[index]));
                }

                cuts.Add(BytesOf(reader), LineBreaks(reader));
                place.Line = cuts.Line;
            }

            return new ChunkedTable(TableFormat.Csv, layout.Names, cuts.End(), marks.Complete(layout));
        });

    /// <param name="delimiter">Null: detected from the text.</param>
    private static async Task<T> ParseAsync<T>(
        Stream stream, string file, int line, char? delimiter, Func<CsvDataReader, char, Place, Task<T>> read)
    {
        var place = new Place { Line = line };
        try
        {
            using var text = new StreamReader(stream, new UTF8Encoding(false, throwOnInvalidBytes: true), leaveOpen: true);
            char[] head = new char[CsvDelimiter.HeadChars];
            int length = await text.ReadBlockAsync(head);
            if (text.CurrentEncoding.CodePage != Encoding.UTF8.CodePage)
            {
                throw TableReader.Invalid($"'{file}' is {text.CurrentEncoding.WebName} text; save it as UTF-8.");
            }

            char separator = delimiter ?? CsvDelimiter.Find(head.AsSpan(0, length), isWhole: length < head.Length)
                ?? throw TableReader.Invalid(
                    $"The separator of '{file}' is ambiguous; put column names that contain a comma, semicolon or tab in quotes.");
            var all = new HeadReader(head.AsMemory(0, length), text);
            await using CsvDataReader reader = await CsvDataReader.CreateAsync(all, Options(separator));
            return await read(reader, separator, place);
        }
        catch (CsvRecordTooLargeException exception)
        {
            throw TableReader.Invalid(
                $"'{file}', line {place.Line}: a record is longer than {MaxRecordChars:N0} characters; is a quote left open?", exception);
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

    /// <param name="limits">The limits of a whole file. Null for a part, which keeps rows that do not fit, with their problem.</param>
    private static async Task<Table> ReadRowsAsync(
        CsvDataReader reader, string file, CsvLayout layout, Place place, TableLimits? limits, TextBlocks? texts,
        CancellationToken cancellationToken)
    {
        texts ??= new TextBlocks();
        TextColumn[] columns = [.. layout.Names.Select(_ => new TextColumn(texts))];
        bool hasCommas = false;
        List<int> lines = [];
        Dictionary<int, string> problems = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            int breaks = LineBreaks(reader);
            if (!IsBlank(reader, layout.Width))
            {
                string? problem = ProblemOf(reader, layout);
                if (problem is not null)
                {
                    problems[lines.Count] = limits is null
                        ? problem
                        : throw TableReader.Invalid($"'{file}', line {place.Line}: {problem}.");
                }

                for (int index = 0; index < columns.Length; index++)
                {
                    ReadOnlySpan<char> field = problem is null ? reader.GetFieldSpan(layout.Fields[index]) : "";
                    if (field.IsEmpty)
                    {
                        columns[index].AddMissing();
                    }
                    else
                    {
                        columns[index].Add(field);
                        hasCommas |= field.Contains(',');
                    }
                }

                lines.Add(place.Line);
                if (limits?.Violation(file, lines.Count, columns.Length) is { } violation)
                {
                    throw TableReader.Invalid(violation);
                }
            }

            place.Line += breaks;
        }

        layout = limits is not null && hasCommas ? MarksOf(layout, columns) : layout;
        return new Table([.. layout.Names.Select((name, index) => new TableColumn(name, columns[index])
        {
            HasDecimalComma = layout.DecimalCommas.Contains(name),
            Problem = layout.Ambiguous.GetValueOrDefault(name),
        })], lines.Count, lines, problems);
    }

    private static CsvLayout MarksOf(CsvLayout layout, TextColumn[] columns)
    {
        var marks = new DecimalMarks(layout.Names);
        foreach ((int index, TextColumn column) in columns.Index())
        {
            foreach (string? text in column)
            {
                marks.Add(index, text);
            }
        }

        return marks.Complete(layout);
    }

    /// <summary>Why the record is not a row: it lacks a column, or has non-empty fields after the last column.</summary>
    private static string? ProblemOf(CsvDataReader reader, CsvLayout layout)
    {
        int fields = reader.RowFieldCount;
        bool fits = fields > layout.Fields[^1];
        for (int index = layout.Fields[^1] + 1; fits && index < fields; index++)
        {
            fits = reader.GetFieldSpan(index).IsWhiteSpace();
        }

        return fits ? null
            : fields > layout.Width || fields <= layout.Fields[^1] ? $"{fields} fields, but the header has {layout.Width}"
            : "a value is in a column without a name";
    }

    // The reader's header handling is off, so that it returns the header as the first row and lines are counted from the start.
    private static CsvDataReaderOptions Options(char delimiter) => new()
    {
        HasHeaders = false,
        Delimiter = delimiter,
        Comment = '\0',
        Culture = CultureInfo.InvariantCulture,
        BufferSize = 64 * 1024,
        MaxBufferSize = MaxRecordChars,
    };

    private static async Task<CsvLayout> ReadHeaderAsync(
        CsvDataReader reader, string file, char delimiter, CancellationToken cancellationToken)
    {
        if (!await reader.ReadAsync(cancellationToken))
        {
            throw TableReader.Invalid($"'{file}' is empty; its first line must name the columns.");
        }

        string[] names = [.. Enumerable.Range(0, reader.RowFieldCount).Select(index => reader.GetString(index).Trim())];
        int first = Array.FindIndex(names, name => name.Length > 0);
        int last = Array.FindLastIndex(names, name => name.Length > 0);
        int[] fields = [.. Enumerable.Range(Math.Max(0, first), first < 0 ? names.Length : last - first + 1)];
        TableReader.CheckNames(file, [.. fields.Select(field => names[field])], fields[0]);
        return new CsvLayout(delimiter, [.. fields.Select(field => names[field])], fields, names.Length);
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

    /// <summary>Bytes of the byte order mark, which belongs to no record.</summary>
    private static async Task<int> MarkBytesAsync(Stream stream, CancellationToken cancellationToken)
    {
        long position = stream.Position;
        byte[] start = new byte[3];
        stream.Position = 0;
        int read = await stream.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellationToken);
        stream.Position = position;
        return start.AsSpan(0, read).StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
    }

    /// <summary>Reads the text that was already read, then the rest.</summary>
    private sealed class HeadReader(ReadOnlyMemory<char> head, TextReader rest) : TextReader
    {
        private ReadOnlyMemory<char> _head = head;

        public override int Read(char[] buffer, int index, int count) => TakeHead(buffer.AsSpan(index, count)) is > 0 and var taken ? taken
            : rest.Read(buffer, index, count);

        public override ValueTask<int> ReadAsync(Memory<char> buffer, CancellationToken cancellationToken = default) =>
            TakeHead(buffer.Span) is > 0 and var taken ? new ValueTask<int>(taken) : rest.ReadAsync(buffer, cancellationToken);

        public override Task<int> ReadAsync(char[] buffer, int index, int count) => ReadAsync(buffer.AsMemory(index, count)).AsTask();

        private int TakeHead(Span<char> buffer)
        {
            int taken = Math.Min(buffer.Length, _head.Length);
            _head.Span[..taken].CopyTo(buffer);
            _head = _head[taken..];
            return taken;
        }
    }

    private sealed class Place
    {
        /// <summary>The line of the next record.</summary>
        public int Line { get; set; }
    }
}
