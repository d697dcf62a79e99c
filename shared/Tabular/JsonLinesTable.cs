using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace Modeldrop.Tabular;

/// <summary>
/// One object per line, one member per column. A list becomes the columns <c>&lt;name&gt;_0</c>, <c>&lt;name&gt;_1</c> and so on, a nested
/// list in row-major order. Blank lines are skipped.
/// </summary>
internal static class JsonLinesTable
{
    private const int MaxLineBytes = 16 * 1024 * 1024;

    public static async Task<ChunkedTable> CutAsync(Stream stream, string file, long targetBytes, CancellationToken cancellationToken)
    {
        var cuts = new ChunkCutter(targetBytes, 0, 1);
        IReadOnlyList<string>? columns = null;
        await foreach (ReadOnlyMemory<byte> line in LinesAsync(stream, cancellationToken))
        {
            if (line.Length > MaxLineBytes)
            {
                throw TableReader.Invalid($"'{file}', line {cuts.Line}: a line is longer than {MaxLineBytes:N0} bytes.");
            }

            cuts.Add(line.Length, 1);
            columns ??= TryParse(line.Span, out Dictionary<string, string?> cells) is null && cells.Count > 0 ? [.. cells.Keys] : null;
        }

        return columns is null
            ? throw TableReader.Invalid(
                $"'{file}' has no line that is a JSON object; each line must be one, such as {{\"distance\": 370}}.")
            : new ChunkedTable(TableFormat.JsonLines, columns, cuts.End());
    }

    public static async Task<Table> ReadChunkAsync(
        Stream stream, IReadOnlyList<string> names, int line, CancellationToken cancellationToken)
    {
        var columns = names.Select(_ => new List<string?>()).ToArray();
        List<int> lines = [];
        Dictionary<int, string> problems = [];
        await foreach (ReadOnlyMemory<byte> text in LinesAsync(stream, cancellationToken))
        {
            if (!IsBlank(text.Span))
            {
                string? problem = TryParse(text.Span, out Dictionary<string, string?> cells);
                string[] absent = problem is null ? [.. names.Where(name => !cells.ContainsKey(name))] : [];
                problem ??= absent.Length == 0
                    ? null
                    : $"missing: {string.Join(", ", absent.Take(5).Select(name => $"'{name}'"))}{(absent.Length > 5 ? ", …" : "")}; "
                        + "write null where there is no value";
                if (problem is not null)
                {
                    problems[lines.Count] = problem;
                }

                for (int index = 0; index < columns.Length; index++)
                {
                    columns[index].Add(cells.GetValueOrDefault(names[index]));
                }

                lines.Add(line);
            }

            line++;
        }

        return new Table([.. names.Select((name, index) => new TableColumn(name, columns[index]))], lines.Count, lines, problems);
    }

    /// <returns>The problem with the line; null when it is an object.</returns>
    private static string? TryParse(ReadOnlySpan<byte> line, out Dictionary<string, string?> cells)
    {
        cells = new Dictionary<string, string?>(StringComparer.Ordinal);
        line = line.StartsWith(Encoding.UTF8.Preamble) ? line[Encoding.UTF8.Preamble.Length..] : line;
        try
        {
            var reader = new Utf8JsonReader(line);
            using JsonDocument document = JsonDocument.ParseValue(ref reader);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return "the line is not a JSON object";
            }

            if (line[(int)reader.BytesConsumed..].ContainsAnyExcept(" \t\r\n"u8))
            {
                return "the line has text after its JSON object";
            }

            foreach (JsonProperty member in document.RootElement.EnumerateObject())
            {
                int next = 0;
                if (!Add(cells, member.Name, member.Value, ref next))
                {
                    return $"'{member.Name}' is an object; use numbers, strings, true, false, null, or lists of them";
                }
            }

            return null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return "the line is not valid JSON";
        }
    }

    private static bool Add(Dictionary<string, string?> cells, string name, JsonElement value, ref int next)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                return false;
            case JsonValueKind.Array:
                foreach (JsonElement item in value.EnumerateArray())
                {
                    bool isList = item.ValueKind == JsonValueKind.Array;
                    if (!Add(cells, isList ? name : string.Create(CultureInfo.InvariantCulture, $"{name}_{next++}"), item, ref next))
                    {
                        return false;
                    }
                }

                return true;
            default:
                cells[name] = CellText.Of(value);
                return true;
        }
    }

    private static bool IsBlank(ReadOnlySpan<byte> line) => !line.ContainsAnyExcept(" \t\r\n"u8);

    /// <summary>Lines with their line feed. A line that is too long is returned only up to the point that shows it.</summary>
    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> LinesAsync(
        Stream stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[64 * 1024];
        int filled = 0;
        while (true)
        {
            int read = await stream.ReadAsync(buffer.AsMemory(filled), cancellationToken);
            int scanned = filled;
            filled += read;
            int start = 0;
            for (int feed; (feed = buffer.AsSpan(scanned, filled - scanned).IndexOf((byte)'\n')) >= 0;)
            {
                scanned += feed + 1;
                yield return buffer.AsMemory(start, scanned - start);
                start = scanned;
            }

            if (read == 0 && filled > start)
            {
                yield return buffer.AsMemory(start, filled - start);
            }

            if (read == 0)
            {
                yield break;
            }

            buffer.AsSpan(start, filled - start).CopyTo(buffer);
            filled -= start;
            if (filled > MaxLineBytes)
            {
                yield return buffer.AsMemory(0, filled);
                yield break;
            }

            if (filled == buffer.Length)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
            }
        }
    }
}
