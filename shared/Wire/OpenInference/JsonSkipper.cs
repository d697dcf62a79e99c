using Modeldrop.Errors;

namespace Modeldrop.Wire.OpenInference;

/// <summary>
/// Finds the end of a value of <c>data</c> without interpreting it. Accepts bare <c>NaN</c> and <c>Infinity</c>, as the readers do.
/// </summary>
internal static class JsonSkipper
{
    /// <summary>Maximum nesting; the same as System.Text.Json's.</summary>
    public const int MaxDepth = 64;

    /// <returns>Where the value at <paramref name="position"/> ends.</returns>
    /// <exception cref="ServiceException"><see cref="ErrorCode.InvalidRequest"/> when the text is not JSON.</exception>
    public static int SkipValue(ReadOnlySpan<byte> json, int position)
    {
        // Brackets are matched, but not names and commas inside an object: a skipped value is either already invalid or read again.
        Span<byte> closers = stackalloc byte[MaxDepth];
        int depth = 0;
        do
        {
            position = SkipBlank(json, position);
            byte first = At(json, position);
            if (first is (byte)'[' or (byte)'{')
            {
                if (depth == MaxDepth)
                {
                    throw Broken(position, $"nested deeper than {MaxDepth}");
                }

                closers[depth++] = first == '[' ? (byte)']' : (byte)'}';
                position++;
            }
            else if (depth > 0 && first == closers[depth - 1])
            {
                depth--;
                position++;
            }
            else if (depth > 0 && first is (byte)',' or (byte)':')
            {
                position++;
            }
            else
            {
                position += ScalarLength(json[position..], position);
            }
        }
        while (depth > 0);

        return position;
    }

    /// <summary>Length of the string at the start, including its quotes; 0 when it does not end or contains a control character.</summary>
    public static int StringLength(ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty || json[0] != '"')
        {
            return 0;
        }

        int position = 1;
        while (true)
        {
            int found = json[position..].IndexOfAny(StringStops);
            if (found < 0)
            {
                return 0;
            }

            position += found;
            switch (json[position])
            {
                case (byte)'"':
                    return position + 1;
                case (byte)'\\' when position + 1 < json.Length:
                    position += 2;
                    break;
                default:
                    return 0;
            }
        }
    }

    public static int SkipBlank(ReadOnlySpan<byte> json, int position)
    {
        while (position < json.Length && json[position] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
        {
            position++;
        }

        return position;
    }

    public static byte At(ReadOnlySpan<byte> json, int position) =>
        position < json.Length ? json[position] : throw Broken(position, "it ends too early");

    public static ServiceException Broken(int position, string what) =>
        new(ErrorCode.InvalidRequest, $"The body is not valid JSON at byte {position}: {what}.");

    private static readonly System.Buffers.SearchValues<byte> StringStops =
        System.Buffers.SearchValues.Create([(byte)'"', (byte)'\\', .. Enumerable.Range(0, 0x20).Select(control => (byte)control)]);

    private static int ScalarLength(ReadOnlySpan<byte> json, int position)
    {
        int length = JsonNumber.TryScan(json, out JsonNumber number) ? number.Text.Length
            : json[0] == '"' ? StringLength(json)
            : json.StartsWith("true"u8) ? 4
            : json.StartsWith("false"u8) ? 5
            : NonFinite.Parse(json, out _);
        return length > 0 ? length : throw Broken(position, "this is not a value");
    }
}
