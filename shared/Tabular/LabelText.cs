using System.Globalization;

namespace Modeldrop.Tabular;

/// <summary>Reads the text of a label, in the same way for CSV, Parquet, JSON and feedback.</summary>
public static class LabelText
{
    private static readonly HashSet<string> Missing = new(["nan", "NaN", "None", "null", "NA", "<NA>"], StringComparer.Ordinal);

    /// <summary>Whether the text means that the row has no label, in the forms of data frames and JSON.</summary>
    public static bool IsMissing(string? text) => string.IsNullOrWhiteSpace(text) || Missing.Contains(text.Trim());

    /// <summary>
    /// The digits of a whole number: <c>1</c>, <c>1.0</c>, <c>+1</c> and <c>true</c> are all <c>1</c>. Null if the text is not a whole
    /// number.
    /// </summary>
    public static string? Integer(string text)
    {
        ReadOnlySpan<char> trimmed = text.AsSpan().Trim();
        return trimmed.Equals("true", StringComparison.OrdinalIgnoreCase) ? "1"
            : trimmed.Equals("false", StringComparison.OrdinalIgnoreCase) ? "0"
            : !CellParser.HasNul(text) && decimal.TryParse(trimmed, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number)
                && decimal.Truncate(number) == number
                ? decimal.Truncate(number).ToString("0", CultureInfo.InvariantCulture)
            : null;
    }

    /// <summary>A finite number; null if the text is not one.</summary>
    public static double? Number(string text) =>
        !CellParser.HasNul(text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            && double.IsFinite(number)
            ? number
            : null;

    /// <summary>Joins the labels of a row that has several: <c>[1,0,1]</c>, empty where one is missing.</summary>
    public static string Join(IEnumerable<string?> parts) =>
        $"[{string.Join(',', parts.Select(part => IsMissing(part) ? "" : part!.Trim()))}]";

    /// <summary>The parts of a row's label: <c>[1,0,1]</c>, <c>1,0,1</c> or <c>1 0 1</c>; null where one is missing.</summary>
    public static string?[] Split(string text)
    {
        string inner = text.Trim().TrimStart('[').TrimEnd(']');
        string[] parts = inner.Contains(',', StringComparison.Ordinal) ? inner.Split(',')
            : inner.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return [.. parts.Select(part => part.Trim().Trim('"')).Select(part => IsMissing(part) ? null : part)];
    }
}
