namespace Modeldrop.Tabular;

/// <summary>How often a value occurs in a column.</summary>
public sealed record ValueCount(string Value, int Count);

/// <summary>The statistics of a column of a data file.</summary>
/// <param name="Count">Rows with a value.</param>
/// <param name="Missing">Rows without a value: empty, and in a numeric column also NaN and its equivalents.</param>
/// <remarks>
/// A column is numeric when every value is a number. Infinities count, keep their sign, and make the mean infinite or NaN.
/// </remarks>
public sealed record ColumnProfile(string Name, int Count, int Missing)
{
    /// <summary>The most values in <see cref="Top"/>.</summary>
    public const int MaxTop = 10;

    /// <summary>The most distinct values that are counted; with more, <see cref="Distinct"/> and <see cref="Top"/> are unknown.</summary>
    public const int MaxDistinct = 10_000;

    private const int MaxValueChars = 100;

    /// <summary>Null if the column is not numeric, like <see cref="Max"/> and <see cref="Mean"/>.</summary>
    public double? Min { get; init; }

    public double? Max { get; init; }

    public double? Mean { get; init; }

    /// <summary>The number of distinct values in a column of texts; null above <see cref="MaxDistinct"/>, and for numbers.</summary>
    public int? Distinct { get; init; }

    /// <summary>The most frequent values, ties in ordinal order; null where <see cref="Distinct"/> is null.</summary>
    public IReadOnlyList<ValueCount>? Top { get; init; }

    public static ColumnProfile Of(TableColumn column) => FindNumbers(column) ?? OfTexts(column);

    private static ColumnProfile? FindNumbers(TableColumn column)
    {
        int count = 0;
        double min = double.PositiveInfinity;
        double max = double.NegativeInfinity;
        double mean = 0;
        for (int row = 0; row < column.Values.Count; row++)
        {
            if (column.NumberAt(row) is not { } text || CellParser.IsMissing(text))
            {
                continue;
            }

            if (CellParser.ParseDouble(text) is not { } value)
            {
                return null;
            }

            // Updated incrementally: a sum of large values could overflow although their mean does not.
            count++;
            mean = double.IsFinite(value) && double.IsFinite(mean) ? mean + (value / count) - (mean / count) : mean + value;
            min = Math.Min(min, value);
            max = Math.Max(max, value);
        }

        return count == 0 ? null : new ColumnProfile(column.Name, count, column.Values.Count - count) { Min = min, Max = max, Mean = mean };
    }

    private static ColumnProfile OfTexts(TableColumn column)
    {
        int missing = 0;
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string? text in column.Values)
        {
            if (text is null)
            {
                missing++;
            }
            else if (counts.Count <= MaxDistinct)
            {
                counts[text] = counts.GetValueOrDefault(text) + 1;
            }
        }

        var profile = new ColumnProfile(column.Name, column.Values.Count - missing, missing);
        return counts.Count > MaxDistinct ? profile : profile with
        {
            Distinct = counts.Count,
            Top = [.. counts.OrderByDescending(value => value.Value).ThenBy(value => value.Key, StringComparer.Ordinal).Take(MaxTop)
                .Select(value => new ValueCount(Shown(value.Key), value.Value))],
        };
    }

    private static string Shown(string text) => text.Length <= MaxValueChars ? text : $"{text[..MaxValueChars]}…";
}
