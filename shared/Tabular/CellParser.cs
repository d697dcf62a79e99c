using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using Modeldrop.Tensors;

namespace Modeldrop.Tabular;

/// <summary>Writes the text of a cell as a little-endian element of a tensor.</summary>
/// <remarks>
/// A missing value is NaN in a floating-point tensor and an error in any other one, because integers and booleans have no value for
/// "missing". Floats are parsed as double and rounded, as in data frame libraries, so that a model sees the same values as in training.
/// </remarks>
internal static class CellParser
{
    private static readonly string[] Missing = ["nan", "-nan", "na", "n/a", "<na>", "null", "none", "#n/a"];

    /// <summary>The longest of them.</summary>
    private const int MaxMissing = 4;

    /// <param name="text">Null is missing.</param>
    /// <inheritdoc cref="Write(Datatype, ReadOnlySpan{char}, Span{byte})"/>
    public static string? Write(Datatype datatype, string? text, Span<byte> element) =>
        text is null ? WriteMissing(datatype, element) : Write(datatype, text.AsSpan(), element);

    /// <summary>The problem with the cell; null when it was written.</summary>
    public static string? Write(Datatype datatype, ReadOnlySpan<char> text, Span<byte> element) => datatype switch
    {
        _ when IsMissing(text) => WriteMissing(datatype, element),
        Datatype.Fp16 or Datatype.Bf16 or Datatype.Fp32 or Datatype.Fp64 => Float(datatype, text, element),
        Datatype.Bytes => throw new ArgumentOutOfRangeException(nameof(datatype), datatype, "Strings are not elements of fixed size."),
        Datatype.Bool => Boolean(text, element),
        Datatype.Int8 => Integer<sbyte>(text, element),
        Datatype.Int16 => Integer<short>(text, element),
        Datatype.Int32 => Integer<int>(text, element),
        Datatype.Int64 => Integer<long>(text, element),
        Datatype.Uint8 => Integer<byte>(text, element),
        Datatype.Uint16 => Integer<ushort>(text, element),
        Datatype.Uint32 => Integer<uint>(text, element),
        _ => Integer<ulong>(text, element),
    };

    /// <inheritdoc cref="Write(Datatype, ReadOnlySpan{char}, Span{byte})"/>
    public static string? WriteMissing(Datatype datatype, Span<byte> element)
    {
        if (datatype is Datatype.Fp16 or Datatype.Bf16 or Datatype.Fp32 or Datatype.Fp64)
        {
            WriteFloat(datatype, double.NaN, element);
            return null;
        }

        return $"is missing, but {(datatype == Datatype.Bool ? "a boolean" : "an integer")} is required";
    }

    /// <summary>Whether a text means a missing number.</summary>
    internal static bool IsMissing(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        if (text.Length > MaxMissing)
        {
            return false;
        }

        foreach (string word in Missing)
        {
            if (text.Equals(word, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The same, but true is 1 and false is 0, as in training on a frame with booleans.</summary>
    internal static double? ParseNumber(ReadOnlySpan<char> text) => ParseDouble(text) ?? FindBoolean(text) switch
    {
        true => 1,
        false => 0,
        null => null,
    };

    /// <summary>The number in a text; null when the text is not a number.</summary>
    internal static double? ParseDouble(ReadOnlySpan<char> text)
    {
        if (!HasNul(text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value))
        {
            return value;
        }

        text = text.Trim();
        ReadOnlySpan<char> size = text is ['+' or '-', ..] ? text[1..] : text;
        bool isInfinite = size.Equals("inf", StringComparison.OrdinalIgnoreCase)
            || size.Equals("infinity", StringComparison.OrdinalIgnoreCase);
        return !isInfinite ? null : text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
    }

    private static string? Float(Datatype datatype, ReadOnlySpan<char> text, Span<byte> element)
    {
        if (ParseNumber(text) is not { } value)
        {
            return $"'{Shown(text)}' is not a number";
        }

        WriteFloat(datatype, value, element);
        return null;
    }

    private static void WriteFloat(Datatype datatype, double value, Span<byte> element)
    {
        switch (datatype)
        {
            case Datatype.Fp16:
                BinaryPrimitives.WriteHalfLittleEndian(element, (Half)value);
                break;
            case Datatype.Bf16:
                BinaryPrimitives.WriteUInt16LittleEndian(element, Bfloat16((float)value));
                break;
            case Datatype.Fp32:
                BinaryPrimitives.WriteSingleLittleEndian(element, (float)value);
                break;
            default:
                BinaryPrimitives.WriteDoubleLittleEndian(element, value);
                break;
        }
    }

    // Rounds to nearest, ties to even. A NaN keeps one bit of its payload; otherwise it would become an infinity.
    private static ushort Bfloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)((bits >> 16) | 0x40) : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    private static bool? FindBoolean(ReadOnlySpan<char> text)
    {
        ReadOnlySpan<char> trimmed = text.Trim();
        return trimmed.Equals("true", StringComparison.OrdinalIgnoreCase) ? true
            : trimmed.Equals("false", StringComparison.OrdinalIgnoreCase) ? false
            : null;
    }

    private static string? Boolean(ReadOnlySpan<char> text, Span<byte> element)
    {
        // Data frames write booleans as 1.0 if the column once had gaps.
        double? value = ParseNumber(text);
        element[0] = value == 1 ? (byte)1 : (byte)0;
        return value is 0 or 1 ? null : $"'{Shown(text)}' is neither true nor false";
    }

    private static string? Integer<T>(ReadOnlySpan<char> text, Span<byte> element)
        where T : struct, IBinaryInteger<T>, IMinMaxValue<T>
    {
        if (HasNul(text))
        {
            return $"'{Shown(text)}' is not an integer";
        }

        if (!T.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out T value))
        {
            if (FindBoolean(text) is { } flag)
            {
                (flag ? T.One : T.Zero).TryWriteLittleEndian(element, out _);
                return null;
            }

            // Data frames write integers as "3.0" if the column once had gaps. Decimal holds every 64-bit integer exactly.
            if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number)
                    || number != decimal.Truncate(number))
            {
                return $"'{Shown(text)}' is not an integer";
            }

            if (number < decimal.CreateChecked(T.MinValue) || number > decimal.CreateChecked(T.MaxValue))
            {
                return $"{Shown(text)} is outside {T.MinValue} to {T.MaxValue}";
            }

            value = T.CreateChecked(number);
        }

        // The method without "Try" would box the value.
        value.TryWriteLittleEndian(element, out _);
        return null;
    }

    // .NET reads "1\0" as 1, because it ignores NUL characters after a number.
    internal static bool HasNul(ReadOnlySpan<char> text) => text.Contains('\0');

    private static string Shown(ReadOnlySpan<char> text) => text.Length <= 40 ? text.ToString() : string.Concat(text[..40], "…");
}
