using System.Globalization;

namespace Modeldrop.Wire.OpenInference;

/// <summary>A JSON number that has been scanned but not yet rounded to a datatype: <c>(-)Digits · 10^Scale</c>.</summary>
internal ref struct JsonNumber
{
    // A double represents integers to 2^53 and powers of ten to 10^22 exactly, so one operation on them rounds once (Clinger 1990).
    private const ulong MaxExactDigits = 1UL << 53;
    private const int MaxExactScale = 22;

    private static readonly double[] PowersOfTen =
    [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ];

    public bool Negative { get; private set; }

    public ulong Digits { get; private set; }

    /// <summary>Whether <see cref="Digits"/> could not hold all digits.</summary>
    public bool Overflowed { get; private set; }

    /// <summary>The characters of the number.</summary>
    public ReadOnlySpan<byte> Text { get; private set; }

    private int Scale { get; set; }

    /// <summary>Scans the number at the start of <paramref name="json"/> by JSON's grammar.</summary>
    /// <returns>False when there is none.</returns>
    public static bool TryScan(ReadOnlySpan<byte> json, out JsonNumber number)
    {
        number = default;
        int position = 0;
        if (position < json.Length && json[position] == '-')
        {
            number.Negative = true;
            position++;
        }

        int start = position;
        number.TakeDigits(json, ref position, fraction: false);
        if (position == start || (json[start] == '0' && position > start + 1))
        {
            return false;
        }

        if (position < json.Length && json[position] == '.')
        {
            start = ++position;
            number.TakeDigits(json, ref position, fraction: true);
            if (position == start)
            {
                return false;
            }
        }

        if (position < json.Length && (json[position] | 0x20) == 'e' && !number.TakeExponent(json, ref position))
        {
            return false;
        }

        number.Text = json[..position];
        return true;
    }

    /// <summary>The magnitude of an integer, including one with a point or an exponent, such as <c>3.0</c> or <c>2e3</c>.</summary>
    /// <returns>False when the number is not an integer, or too large for 64 bits.</returns>
    public readonly bool TryWhole(out ulong magnitude)
    {
        magnitude = Digits;
        for (int power = Scale; power != 0 && magnitude != 0; power -= Math.Sign(power))
        {
            if (power < 0 ? magnitude % 10 != 0 : magnitude > ulong.MaxValue / 10)
            {
                return false;
            }

            magnitude = power < 0 ? magnitude / 10 : magnitude * 10;
        }

        return !Overflowed;
    }

    /// <summary>The nearest double; infinite when the number is too large.</summary>
    public readonly double ToDouble()
    {
        if (Overflowed || Digits > MaxExactDigits || Scale is < -MaxExactScale or > MaxExactScale)
        {
            return double.Parse(Text, NumberStyles.Float, CultureInfo.InvariantCulture);
        }

        double value = Scale < 0 ? Digits / PowersOfTen[-Scale] : Digits * PowersOfTen[Scale];
        return Negative ? -value : value;
    }

    /// <summary>The nearest float; infinite when the number is too large.</summary>
    public readonly float ToSingle()
    {
        double value = ToDouble();

        // Double rounding is wrong only when the first result looks like the midpoint between two floats. Below the normal range the
        // midpoint is elsewhere. In both cases the text decides.
        const double SmallestNormal = 1.17549435082228751e-38;
        bool middle = (BitConverter.DoubleToUInt64Bits(value) & 0x1FFF_FFFF) == 0x1000_0000;
        return middle || (Math.Abs(value) < SmallestNormal && value != 0)
            ? float.Parse(Text, NumberStyles.Float, CultureInfo.InvariantCulture)
            : (float)value;
    }

    private void TakeDigits(ReadOnlySpan<byte> json, ref int position, bool fraction)
    {
        const ulong Full = (ulong.MaxValue - 9) / 10;
        while (position < json.Length && (uint)(json[position] - '0') <= 9)
        {
            uint digit = (uint)(json[position] - '0');
            if (Digits < Full || (Digits <= ulong.MaxValue / 10 && (Digits * 10) <= ulong.MaxValue - digit))
            {
                Digits = (Digits * 10) + digit;
                Scale -= fraction ? 1 : 0;
            }
            else
            {
                Overflowed = true;
            }

            position++;
        }
    }

    private bool TakeExponent(ReadOnlySpan<byte> json, ref int position)
    {
        position++;
        bool negative = position < json.Length && json[position] == '-';
        position += position < json.Length && json[position] is (byte)'-' or (byte)'+' ? 1 : 0;

        int start = position;
        int exponent = 0;
        while (position < json.Length && (uint)(json[position] - '0') <= 9)
        {
            // Far outside every datatype's range, the exact exponent is irrelevant.
            exponent = Math.Min((exponent * 10) + (json[position] - '0'), 100_000);
            position++;
        }

        Scale += negative ? -exponent : exponent;
        return position > start;
    }
}
