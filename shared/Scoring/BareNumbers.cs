using System.Buffers;

namespace Modeldrop.Scoring;

/// <summary>Some clients write NaN, Infinity and -Infinity as bare words, which JSON does not have.</summary>
/// <remarks>Outside of strings they become <c>null</c> (read as NaN) and numbers beyond every double (read as infinities).</remarks>
internal static class BareNumbers
{
    /// <returns>The body itself when it has no such word.</returns>
    public static ReadOnlySpan<byte> Replace(ReadOnlySpan<byte> body)
    {
        if (body.IndexOf("NaN"u8) < 0 && body.IndexOf("Infinity"u8) < 0)
        {
            return body;
        }

        var output = new ArrayBufferWriter<byte>(body.Length + 64);
        bool inString = false;
        for (int index = 0; index < body.Length; index++)
        {
            byte current = body[index];
            ReadOnlySpan<byte> rest = body[index..];
            if (inString && current == '\\')
            {
                output.Write(rest[..Math.Min(2, rest.Length)]);
                index++;
                continue;
            }

            inString ^= current == '"';
            if (!inString && rest.StartsWith("NaN"u8))
            {
                output.Write("null"u8);
                index += "NaN".Length - 1;
            }
            else if (!inString && rest.StartsWith("Infinity"u8))
            {
                output.Write("1e999"u8);
                index += "Infinity".Length - 1;
            }
            else
            {
                output.Write(rest[..1]);
            }
        }

        return output.WrittenSpan;
    }
}
