namespace Modeldrop.Metrics;

/// <summary>How often each label occurs: for a classifier by class, for a regression between edges.</summary>
/// <param name="Edges">For a regression, ascending: deciles of the validation's labels; null: classes.</param>
/// <param name="Names">Names of the classes; null: between edges.</param>
/// <param name="Counts">One per class; for a regression one more than edges.</param>
public sealed record LabelCounts(IReadOnlyList<double>? Edges, IReadOnlyList<string>? Names, IReadOnlyList<long> Counts)
{
    /// <summary>Labels of more classes are not counted.</summary>
    public const int MaxClasses = 100;

    private const int Parts = 10;

    public long Rows => Counts.Sum();

    /// <summary>Null if no label could be read, or for a multi-label model.</summary>
    public static LabelCounts? Of(ModelMetrics metrics)
    {
        if (metrics.Regressed is { Truth.Length: > 0 } regressed)
        {
            double[] sorted = [.. regressed.Truth];
            Array.Sort(sorted);
            double[] edges = [.. Enumerable.Range(1, Parts - 1).Select(part => sorted[(int)((long)part * sorted.Length / Parts)])
                .Where(edge => edge > sorted[0]).Distinct()];
            return Between(edges, sorted);
        }

        return metrics.Labels is { Count: > 0 and <= MaxClasses } labels
            ? new LabelCounts(null, [.. labels.Keys], [.. labels.Values]) : null;
    }

    /// <summary>
    /// Returns these counts and the counts of other rows in the same order; null if the other rows cannot be counted this way.
    /// </summary>
    public (LabelCounts Before, LabelCounts Now)? Recount(ModelMetrics metrics)
    {
        if (Edges is not null)
        {
            return metrics.Regressed is { Truth.Length: > 0 } regressed ? (this, Between(Edges, regressed.Truth)) : null;
        }

        if (metrics.Labels is not { Count: > 0 and <= MaxClasses } labels)
        {
            return null;
        }

        string[] names = [.. Names!.Union(labels.Keys, StringComparer.Ordinal)];
        return (new LabelCounts(null, names, [.. names.Select((_, index) => index < Counts.Count ? Counts[index] : 0)]),
            new LabelCounts(null, names, [.. names.Select(name => labels.GetValueOrDefault(name))]));
    }

    private static LabelCounts Between(IReadOnlyList<double> edges, double[] labels)
    {
        double[] sorted = [.. edges];
        var counts = new long[sorted.Length + 1];
        foreach (double label in labels)
        {
            int place = Array.BinarySearch(sorted, label);
            counts[place >= 0 ? place + 1 : ~place]++;
        }

        return new LabelCounts(edges, null, counts);
    }
}
