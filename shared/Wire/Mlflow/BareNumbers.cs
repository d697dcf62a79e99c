namespace Modeldrop.Wire.Mlflow;

/// <summary>Converts the non-JSON numbers that Python's <c>json.dumps</c> writes to JSON.</summary>
internal static class BareNumbers
{
    /// <summary><c>NaN</c> becomes <c>null</c>, <c>Infinity</c> a string that can be read as a number; strings are unchanged.</summary>
    /// <param name="budget">Charged while the buffer has the text.</param>
    public static PooledBuffer Quote(ReadOnlySpan<byte> json, MemoryBudget budget)
    {
        var quoted = new PooledBuffer(json.Length, budget);
        try
        {
            Quote(json, quoted);
            return quoted;
        }
        catch
        {
            quoted.Dispose();
            throw;
        }
    }

    private static void Quote(ReadOnlySpan<byte> json, PooledBuffer quoted)
    {
        while (!json.IsEmpty)
        {
            int taken = json.IndexOfAny("\"NI-"u8);
            taken = taken < 0 ? json.Length : taken;
            quoted.Write(json[..taken]);
            json = json[taken..];
            int length = LengthOf(json, out ReadOnlySpan<byte> written);
            quoted.Write(written);
            json = json[length..];
        }
    }

    /// <summary>The length of the string or number at the start, and what to write for it.</summary>
    private static int LengthOf(ReadOnlySpan<byte> json, out ReadOnlySpan<byte> written)
    {
        int length = json.StartsWith("NaN"u8) ? 3 : json.StartsWith("-Infinity"u8) ? 9 : json.StartsWith("Infinity"u8) ? 8 : 0;
        written = length switch
        {
            3 => "null"u8,
            9 => "\"-inf\""u8,
            8 => "\"inf\""u8,
            _ => default,
        };
        if (length > 0 || json.IsEmpty)
        {
            return length;
        }

        length = json[0] == '"' ? 1 + StringLength(json[1..]) : 1;
        written = json[..length];
        return length;
    }

    /// <summary>Bytes up to and including the quote that ends the string; all if there is none.</summary>
    private static int StringLength(ReadOnlySpan<byte> rest)
    {
        int length = 0;
        while (rest[length..].IndexOfAny("\"\\"u8) is >= 0 and var next)
        {
            length += next;
            if (rest[length] == '"')
            {
                return length + 1;
            }

            length = Math.Min(rest.Length, length + 2);
        }

        return rest.Length;
    }
}
