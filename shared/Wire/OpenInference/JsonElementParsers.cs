namespace Modeldrop.Wire.OpenInference;

/// <summary>
/// Reads one number of <c>data</c>. Static and generic, so that the loop over the elements is compiled for each datatype.
/// </summary>
/// <typeparam name="T">Type of an element in memory.</typeparam>
internal interface IJsonElementParser<T>
{
    /// <param name="json">Starts at the element's first character.</param>
    /// <returns>The number of characters read; 0 when they are not a value of this datatype.</returns>
    static abstract int Parse(ReadOnlySpan<byte> json, ref T element);
}

internal readonly struct BoolParser : IJsonElementParser<byte>
{
    public static int Parse(ReadOnlySpan<byte> json, ref byte element)
    {
        if (json.StartsWith("true"u8) || json.StartsWith("false"u8))
        {
            element = json[0] == 't' ? (byte)1 : (byte)0;
            return element == 1 ? 4 : 5;
        }

        // Also accepts 0 and 1: not every client has booleans.
        int length = IntegerParser<byte>.Parse(json, ref element);
        return element <= 1 ? length : 0;
    }
}

/// <summary>Integers of every width, including <c>3.0</c>; never converted through a double, which would round above 2^53.</summary>
internal readonly struct IntegerParser<T> : IJsonElementParser<T>
    where T : unmanaged, System.Numerics.IBinaryInteger<T>, System.Numerics.IMinMaxValue<T>
{
    public static int Parse(ReadOnlySpan<byte> json, ref T element)
    {
        if (!JsonNumber.TryScan(json, out JsonNumber number) || !number.TryWhole(out ulong magnitude))
        {
            return 0;
        }

        // The magnitude of the smallest value is one more than that of the largest.
        ulong max = ulong.CreateTruncating(T.MaxValue);
        ulong limit = !number.Negative ? max : T.IsZero(T.MinValue) ? 0 : max + 1;
        if (magnitude > limit)
        {
            return 0;
        }

        element = number.Negative ? T.CreateTruncating(0 - magnitude) : T.CreateTruncating(magnitude);
        return number.Text.Length;
    }
}

internal readonly struct SingleParser : IJsonElementParser<float>
{
    public static int Parse(ReadOnlySpan<byte> json, ref float element)
    {
        if (JsonNumber.TryScan(json, out JsonNumber number))
        {
            element = number.ToSingle();
            return float.IsFinite(element) ? number.Text.Length : 0;
        }

        int length = NonFinite.Parse(json, out double value);
        element = (float)value;
        return length;
    }
}

internal readonly struct DoubleParser : IJsonElementParser<double>
{
    public static int Parse(ReadOnlySpan<byte> json, ref double element)
    {
        if (JsonNumber.TryScan(json, out JsonNumber number))
        {
            element = number.ToDouble();
            return double.IsFinite(element) ? number.Text.Length : 0;
        }

        return NonFinite.Parse(json, out element);
    }
}

internal readonly struct HalfParser : IJsonElementParser<Half>
{
    public static int Parse(ReadOnlySpan<byte> json, ref Half element)
    {
        if (JsonNumber.TryScan(json, out JsonNumber number))
        {
            element = (Half)number.ToDouble();
            return Half.IsFinite(element) ? number.Text.Length : 0;
        }

        int length = NonFinite.Parse(json, out double value);
        element = (Half)value;
        return length;
    }
}

/// <summary>BF16: the high half of a float, rounded to even.</summary>
internal readonly struct BrainFloatParser : IJsonElementParser<ushort>
{
    public static int Parse(ReadOnlySpan<byte> json, ref ushort element)
    {
        float value = 0;
        int length = SingleParser.Parse(json, ref value);
        uint bits = BitConverter.SingleToUInt32Bits(value);
        element = float.IsNaN(value) ? (ushort)0x7FC0 : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
        bool overflowed = float.IsFinite(value) && (element & 0x7FFF) == 0x7F80;
        return overflowed ? 0 : length;
    }
}

/// <summary>
/// Values that JSON numbers cannot express: bare words, as Python's rapidjson writes them; strings, as in records of the log; or null.
/// </summary>
internal static class NonFinite
{
    public static int Parse(ReadOnlySpan<byte> json, out double value)
    {
        int quoted = json.StartsWith("\""u8) ? 1 : 0;
        ReadOnlySpan<byte> word = json[quoted..];
        value = word.StartsWith("Infinity"u8) ? double.PositiveInfinity
            : word.StartsWith("-Infinity"u8) ? double.NegativeInfinity : double.NaN;
        int length = word.StartsWith("NaN"u8) ? 3
            : word.StartsWith("Infinity"u8) ? 8
            : word.StartsWith("-Infinity"u8) ? 9
            : quoted == 0 && word.StartsWith("null"u8) ? 4 : 0;
        return quoted == 0 || length == 0 ? length : word[length..].StartsWith("\""u8) ? length + 2 : 0;
    }
}
