using System.Buffers;
using System.Globalization;
using System.Text;

namespace Modeldrop.Wire;

/// <summary>Writes texts as JSON strings.</summary>
internal static class JsonText
{
    // ["\\u0000"]: six bytes per byte, two quotes.
    private const int MaxBytesPerByte = 6;

    private static readonly SearchValues<byte> Escaped =
        SearchValues.Create([(byte)'"', (byte)'\\', .. Enumerable.Range(0, 0x20).Select(control => (byte)control)]);

    public static void Write(PooledBuffer buffer, ReadOnlySpan<char> text)
    {
        // An unpaired surrogate becomes U+FFFD: the output is always valid Unicode.
        Span<byte> span = buffer.GetSpan(checked(Encoding.UTF8.GetMaxByteCount(text.Length) + 2));
        int length = Encoding.UTF8.GetBytes(text, span[1..]);
        ReadOnlySpan<byte> utf8 = span.Slice(1, length);
        if (utf8.ContainsAny(Escaped))
        {
            WriteUtf8(buffer, utf8.ToArray());
            return;
        }

        span[0] = (byte)'"';
        span[length + 1] = (byte)'"';
        buffer.Advance(length + 2);
    }

    /// <param name="text">Valid UTF-8, not in the buffer.</param>
    public static void WriteUtf8(PooledBuffer buffer, ReadOnlySpan<byte> text)
    {
        Span<byte> span = buffer.GetSpan(checked((text.Length * MaxBytesPerByte) + 2));
        int written = 0;
        span[written++] = (byte)'"';
        while (!text.IsEmpty)
        {
            int plain = text.IndexOfAny(Escaped);
            plain = plain < 0 ? text.Length : plain;
            text[..plain].CopyTo(span[written..]);
            written += plain;
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

    private static int WriteEscape(byte character, Span<byte> span)
    {
        span[0] = (byte)'\\';
        if (character is (byte)'"' or (byte)'\\')
        {
            span[1] = character;
            return 2;
        }

        "u00"u8.CopyTo(span[1..]);
        character.TryFormat(span[4..], out _, "x2", CultureInfo.InvariantCulture);
        return 6;
    }
}
