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

    /// <summary>The problem with the cell; null when it was written.</summary>
    public static string? Write(Datatype datatype, string? text, Span<byte> element) => datatype switch
    {
        Datatype.Fp32 => Float(text, element, static (target, value) => BinaryPrimitives.WriteSingleLittleEndian(target, (float)value)),
        Datatype.Fp64 => Float(text, element, BinaryPrimitives.WriteDoubleLittleEndian),
        Datatype.Fp16 => Float(text, element, static (target, value) => BinaryPrimitives.WriteHalfLittleEndian(target, (Half)value)),
        Datatype.Bf16 => Float(
            text, element, static (target, value) => BinaryPrimitives.WriteUInt16LittleEndian(target, Bfloat16((float)value))),
        Datatype.Bytes => throw new ArgumentOutOfRangeException(nameof(datatype), datatype, "Strings are not elements of fixed size."),
        _ when text is null || IsMissing(text) => $"is missing, but {(datatype == Datatype.Bool ? "a boolean" : "an integer")} is required",
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

    private static string? Float(string? text, Span<byte> element, WriteDouble write)
    {
        if (text is null || IsMissing(text))
        {
            write(element, double.NaN);
            return null;
        }

        if (ParseNumber(text) is not { } value)
        {
            return $"'{Shown(text)}' is not a number";
        }

        write(element, value);
        return null;
    }

    /// <summary>Whether a text means a missing number.</summary>
    internal static bool IsMissing(string text) => Missing.Contains(text.Trim(), StringComparer.OrdinalIgnoreCase);

    /// <summary>The same, but true is 1 and false is 0, as in training on a frame with booleans.</summary>
    internal static double? ParseNumber(string text) => ParseDouble(text) ?? FindBoolean(text) switch
    {
        true => 1,
        false => 0,
        null => null,
    };

    /// <summary>The number in a text; null when the text is not a number.</summary>
    internal static double? ParseDouble(string text)
    {
        if (!HasNul(text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value))
        {
            return value;
        }

        return text.Trim().ToLowerInvariant() switch
        {
            "inf" or "+inf" or "infinity" or "+infinity" => double.PositiveInfinity,
            "-inf" or "-infinity" => double.NegativeInfinity,
            _ => null,
        };
    }

    // Rounds to nearest, ties to even. A NaN keeps one bit of its payload; otherwise it would become an infinity.
    private static ushort Bfloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)((bits >> 16) | 0x40) : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    private static bool? FindBoolean(string text)
    {
        ReadOnlySpan<char> trimmed = text.AsSpan().Trim();
        return trimmed.Equals("true", StringComparison.OrdinalIgnoreCase) ? true
            : trimmed.Equals("false", StringComparison.OrdinalIgnoreCase) ? false
            : null;
    }

    private static string? Boolean(string text, Span<byte> element)
    {
        // Data frames write booleans as 1.0 if the column once had gaps.
        double? value = ParseNumber(text);
        element[0] = value == 1 ? (byte)1 : (byte)0;
        return value is 0 or 1 ? null : $"'{Shown(text)}' is neither true nor false";
    }

    private static string? Integer<T>(string text, Span<byte> element)
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
                (flag ? T.One : T.Zero).WriteLittleEndian(element);
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

        value.WriteLittleEndian(element);
        return null;
    }

    // .NET reads "1\0" as 1, because it ignores NUL characters after a number.
    internal static bool HasNul(string text) => text.Contains('\0', StringComparison.Ordinal);

    private static string Shown(string text) => text.Length <= 40 ? text : string.Concat(text.AsSpan(0, 40), "…");

    private delegate void WriteDouble(Span<byte> target, double value);
}
