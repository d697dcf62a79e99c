using System.Globalization;
using System.Text.Json;

namespace Modeldrop.Tabular;

/// <summary>The text of a typed cell of Parquet or JSON.</summary>
/// <remarks>
/// A text input must see the same category from every source of rows. The text is that of Python's <c>str</c>, which data frame libraries
/// write into CSV files and ONNX Runtime's Python API makes of such a value: <c>True</c>, <c>1.0</c>, <c>0.1</c>, <c>12.50</c>. Cells of
/// CSV and strings and numbers of JSON keep their text.
/// </remarks>
internal static class CellText
{
    /// <summary>The smallest power of ten that is written with an exponent.</summary>
    private const int FirstExponent = 16;

    public static string Of(bool value) => value ? "True" : "False";

    /// <summary>The shortest text that parses to the same bits; null for NaN, which is a missing value.</summary>
    public static string? Of(double value) => Of(value.ToString("R", CultureInfo.InvariantCulture));

    /// <summary>The shortest text that parses as double and rounds to the same bits (<see cref="CellParser"/>); null for NaN.</summary>
    public static string? Of(float value)
    {
        string? text = Of(value.ToString("R", CultureInfo.InvariantCulture));

        // Double rounding turns very few of the shortest texts into a neighbour (7.038531e-26). These are written with the digits of a
        // double.
        return text is null || (float)CellParser.ParseDouble(text)!.Value == value ? text : Of((double)value);
    }

    /// <summary>Null for a missing value.</summary>
    public static string? Of(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        JsonValueKind.True or JsonValueKind.False => Of(value.GetBoolean()),
        _ => value.GetRawText(),
    };

    /// <param name="shortest">In .NET's form: <c>1</c>, <c>1E+15</c>, <c>1.5E-05</c>, <c>Infinity</c>.</param>
    private static string? Of(string shortest)
    {
        int at = shortest.IndexOf('E', StringComparison.Ordinal);
        if (at < 0)
        {
            return shortest switch
            {
                "NaN" => null,
                "Infinity" => "inf",
                "-Infinity" => "-inf",
                _ when shortest.Contains('.', StringComparison.Ordinal) => shortest,
                _ => shortest.Length - Sign(shortest).Length <= FirstExponent ? $"{shortest}.0" : Exponent(shortest),
            };
        }

        int power = int.Parse(shortest.AsSpan(at + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        if (power is < 0 or >= FirstExponent)
        {
            return shortest.ToLowerInvariant();
        }

        string sign = Sign(shortest);
        string digits = shortest[sign.Length..at].Replace(".", "", StringComparison.Ordinal);
        int whole = power + 1;
        return digits.Length <= whole ? $"{sign}{digits.PadRight(whole, '0')}.0" : $"{sign}{digits[..whole]}.{digits[whole..]}";
    }

    private static string Sign(string number) => number[0] == '-' ? "-" : "";

    private static string Exponent(string whole)
    {
        string sign = Sign(whole);
        string digits = whole[sign.Length..].TrimEnd('0');
        string rest = digits.Length > 1 ? $".{digits[1..]}" : "";
        return $"{sign}{digits[0]}{rest}e+{whole.Length - sign.Length - 1}";
    }
}
