using System.Globalization;

namespace Modeldrop.Wire;

/// <summary>Instants in RFC 3339 format: a date, a time and an offset, which is required.</summary>
internal static class Rfc3339
{
    private static readonly string[] Formats =
        ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz"];

    public static bool TryParse(string text, out DateTimeOffset instant)
    {
        // "T" and "Z" may be lower case, and "T" may be a space (section 5.6).
        string normal = text.Length > 10 && text[10] is 't' or ' ' ? $"{text[..10]}T{text[11..]}" : text;
        normal = normal.EndsWith('z') ? normal[..^1] + "Z" : normal;
        return DateTimeOffset.TryParseExact(
            WithoutExcessDigits(normal), Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out instant);
    }

    /// <summary>A tick is the seventh digit of a second; further digits are cut off.</summary>
    private static string WithoutExcessDigits(string text)
    {
        const int Fraction = 20;
        if (text.Length <= Fraction + 7 || text[Fraction - 1] != '.')
        {
            return text;
        }

        int end = Fraction;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
        {
            end++;
        }

        return end - Fraction > 7 ? text[..(Fraction + 7)] + text[end..] : text;
    }
}
