using System.Buffers;
using System.Globalization;
using System.Text;

namespace Modeldrop.Wire;

/// <summary>Writes texts as JSON strings.</summary>
internal static class JsonText
{
    // ["\\u0000"]: six bytes per character, two quotes and a comma.
    private const int MaxBytesPerChar = 6;

    private static readonly SearchValues<char> Escaped =
        SearchValues.Create(['"', '\\', .. Enumerable.Range(0, 0x20).Select(control => (char)control)]);

    public static void Write(PooledBuffer buffer, ReadOnlySpan<char> text)
    {
        Span<byte> span = buffer.GetSpan(checked((text.Length * MaxBytesPerChar) + 2));
        int written = 0;
        span[written++] = (byte)'"';
        while (!text.IsEmpty)
        {
            int plain = text.IndexOfAny(Escaped);
            plain = plain < 0 ? text.Length : plain;
            // An unpaired surrogate becomes U+FFFD: the output is always valid Unicode.
            written += Encoding.UTF8.GetBytes(text[..plain], span[written..]);
            if (plain == text.Length)
            {
                break;
            }

            written += WriteEscape(text[plain], span[written..]);
            text = text[(plain + 1)..];
        }

        span[written++] = (byte)'"';
        buffer.Advance(written);
    }

    private static int WriteEscape(char character, Span<byte> span)
    {
        span[0] = (byte)'\\';
        if (character is '"' or '\\')
        {
            span[1] = (byte)character;
            return 2;
        }

        "u00"u8.CopyTo(span[1..]);
        ((int)character).TryFormat(span[4..], out _, "x2", CultureInfo.InvariantCulture);
        return 6;
    }
}
