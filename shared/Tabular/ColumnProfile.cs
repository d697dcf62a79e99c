namespace Modeldrop.Tabular;

/// <summary>How often a value stands in a column.</summary>
public sealed record ValueCount(string Value, int Count);

/// <summary>What stands in a column of a data file.</summary>
/// <param name="Count">Rows that have a value.</param>
/// <param name="Missing">Rows that have none: empty, and in a column of numbers NaN and its like too.</param>
/// <remarks>
/// A column is one of numbers when every value in it is one; infinities count and keep their sign, and make the mean what they are.
/// </remarks>
public sealed record ColumnProfile(string Name, int Count, int Missing)
{
    /// <summary>Of <see cref="Top"/>.</summary>
    public const int MaxTop = 10;

    /// <summary>Different values that are told apart; with more, neither <see cref="Distinct"/> nor <see cref="Top"/> is known.</summary>
    public const int MaxDistinct = 10_000;

    private const int MaxValueChars = 100;

    /// <summary>Null where the column is not one of numbers; so are <see cref="Max"/> and <see cref="Mean"/>.</summary>
    public double? Min { get; init; }

    public double? Max { get; init; }

    public double? Mean { get; init; }

    /// <summary>How many different values a column of texts has; null with more than <see cref="MaxDistinct"/>, and for numbers.</summary>
    public int? Distinct { get; init; }

    /// <summary>Its most frequent values, of equal ones the first by ordinal order; null where <see cref="Distinct"/> is.</summary>
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

            // Step by step: a sum of large values would overflow where their mean does not.
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
