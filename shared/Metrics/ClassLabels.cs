using System.Globalization;

namespace Modeldrop.Metrics;

/// <summary>The classes of a model in the order of its probabilities, and which of them a text in a data file stands for.</summary>
internal sealed class ClassLabels
{
    private readonly Dictionary<string, int> _indexes = new(StringComparer.Ordinal);

    public ClassLabels(IReadOnlyList<string> names)
    {
        Names = names;
        for (int index = 0; index < names.Count; index++)
        {
            _indexes.TryAdd(Canonical(names[index]), index);
        }

        // A boolean label of a model that was trained on 0 and 1.
        if (names.Count == 2 && _indexes.TryGetValue("0", out int no) && _indexes.TryGetValue("1", out int yes))
        {
            _indexes["false"] = no;
            _indexes["true"] = yes;
        }
    }

    public IReadOnlyList<string> Names { get; }

    /// <summary>The distinct labels, numbers by size and else by text, as scikit-learn sorts its classes.</summary>
    public static ClassLabels FromData(IEnumerable<string> labels)
    {
        List<string> distinct = [.. labels.Select(Canonical).Distinct(StringComparer.Ordinal)];
        bool numeric = distinct.TrueForAll(label => Number(label) is not null);
        return new ClassLabels(numeric ? [.. distinct.OrderBy(label => Number(label)!.Value)] : [.. distinct.Order(StringComparer.Ordinal)]);
    }

    /// <summary>The index of the class; null when the model does not know it.</summary>
    public int? Find(string label) => _indexes.TryGetValue(Canonical(label), out int index) ? index : null;

    // Data frames write the label 1 as "1", "1.0" or "True".
    private static string Canonical(string label)
    {
        string text = label.Trim();
        return Number(text) is { } number && Math.Abs(number) < 1L << 53 ? number.ToString("R", CultureInfo.InvariantCulture)
            : text.Equals("true", StringComparison.OrdinalIgnoreCase) || text.Equals("false", StringComparison.OrdinalIgnoreCase) ? text.ToLowerInvariant()
            : text;
    }

    private static double? Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : null;
}
