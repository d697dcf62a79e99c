using System.Buffers;

namespace Modeldrop.Wire.Mlflow;

/// <summary>Converts the non-JSON numbers that Python's <c>json.dumps</c> writes to JSON.</summary>
internal static class BareNumbers
{
    /// <summary><c>NaN</c> becomes <c>null</c>, <c>Infinity</c> a string that can be read as a number; strings are unchanged.</summary>
    public static byte[] Quote(ReadOnlySpan<byte> json)
    {
        var writer = new ArrayBufferWriter<byte>(json.Length + 64);
        bool inString = false;
        while (!json.IsEmpty)
        {
            int taken = 1;
            if (inString)
            {
                taken = json[0] == '\\' && json.Length > 1 ? 2 : 1;
                inString = json[0] != '"';
                writer.Write(json[..taken]);
            }
            else if (json.StartsWith("NaN"u8))
            {
                taken = Replace(writer, 3, "null"u8);
            }
            else if (json.StartsWith("-Infinity"u8))
            {
                taken = Replace(writer, 9, "\"-inf\""u8);
            }
            else if (json.StartsWith("Infinity"u8))
            {
                taken = Replace(writer, 8, "\"inf\""u8);
            }
            else
            {
                inString = json[0] == '"';
                writer.Write(json[..1]);
            }

            json = json[taken..];
        }

        return writer.WrittenSpan.ToArray();
    }

    private static int Replace(ArrayBufferWriter<byte> writer, int length, ReadOnlySpan<byte> by)
    {
        writer.Write(by);
        return length;
    }
}
