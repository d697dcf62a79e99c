using Modeldrop.Manifests;

namespace Modeldrop.Monitoring.Profiles;

/// <summary>Places the bins of a numeric feature between order statistics of the reference.</summary>
/// <remarks>
/// A value that occurs in at least a bin's share of the rows gets its own bin. So does 0 within the range (missing values often arrive as
/// 0), and so does each value of a feature with few values. The outer edges are the reference's minimum and maximum, or the manifest's
/// range.
/// </remarks>
internal static class NumericBins
{
    /// <summary>Minimum rows per value, on average, for a feature with few values to have a bin for each.</summary>
    private const int RowsAValue = 20;

    private const int PowersOfWidths = 24;

    /// <param name="sorted">The reference's finite values, ascending.</param>
    public static double[] Edges(double[] sorted, ProfilerLimits limits, FeaturePolicy? policy)
    {
        if ((policy?.Range?.Min ?? First(sorted)) is not { } least)
        {
            return [policy?.Range?.Max ?? 0];
        }

        double greatest = Math.Max(least, policy?.Range?.Max ?? (sorted.Length > 0 ? sorted[^1] : least));
        var edges = new SortedSet<double> { least, double.BitIncrement(greatest) };
        void Own(double value)
        {
            if (value >= least && value <= greatest)
            {
                // Merges negative and positive zero.
                edges.Add(value + 0.0);
                edges.Add(double.BitIncrement(value));
            }
        }

        Own(0);
        if (FewValues(sorted, policy?.Kind == FeaturePolicyKind.Category ? limits.Categories : limits.IntegerCategories) is { } few)
        {
            few.ForEach(Own);
            return [.. edges];
        }

        for (int bin = 1; bin < limits.Bins && sorted.Length > 0; bin++)
        {
            double value = sorted[(int)((long)bin * sorted.Length / limits.Bins)];
            if (CountOf(sorted, value) >= Math.Max(2, sorted.Length / limits.Bins))
            {
                Own(value);
            }
            else if (value > least && value <= greatest)
            {
                edges.Add(value);
            }
        }

        return [.. edges];
    }

    /// <summary>
    /// Edges for the number of elements in a row, if all rows of the reference have the same: two for each power of two, and the number
    /// itself.
    /// </summary>
    public static double[] EdgesOfWidths(double width) =>
    [
        .. Enumerable.Range(0, PowersOfWidths).SelectMany(power => (double[])[1 << power, (1 << power) * 1.5])
            .Where(edge => double.IsInteger(edge)).Concat([width, width + 1]).Distinct().Order(),
    ];

    private static double? First(double[] sorted) => sorted.Length == 0 ? null : sorted[0];

    /// <summary>All distinct values when there are few in relation to the rows; otherwise null.</summary>
    private static List<double>? FewValues(double[] sorted, int most)
    {
        List<double> values = [];
        for (int at = 0; at < sorted.Length; at = FirstAtLeast(sorted, double.BitIncrement(sorted[at])))
        {
            values.Add(sorted[at]);
            if (values.Count > most)
            {
                return null;
            }
        }

        return sorted.Length >= RowsAValue * values.Count ? values : null;
    }

    private static int CountOf(double[] sorted, double value) =>
        FirstAtLeast(sorted, double.BitIncrement(value)) - FirstAtLeast(sorted, value);

    private static int FirstAtLeast(double[] sorted, double value)
    {
        int low = 0;
        int high = sorted.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = sorted[middle] < value ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
