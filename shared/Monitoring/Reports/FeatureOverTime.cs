using Modeldrop.Monitoring.Profiles;
using Modeldrop.Pages.Plots;

namespace Modeldrop.Monitoring.Reports;

/// <summary>A feature's values over time, by hour or by day: quantiles of numbers, shares of the frequent values of a category.</summary>
internal static class FeatureOverTime
{
    private const int HoursOfADay = 24;

    /// <summary>Longer windows are shown by day.</summary>
    private const int MaxHours = 72;

    /// <summary>With fewer values a point would be noise.</summary>
    private const int MinValues = 10;

    private const int MaxValues = 4;

    /// <param name="hours">The window's hours, in order.</param>
    /// <param name="index">The feature's position in the profile.</param>
    public static IReadOnlyList<TimeSeries> Of(ReferenceFeature feature, int index, IReadOnlyList<HourRow> hours)
    {
        int length = hours.Count > 0 && hours[^1].Hour - hours[0].Hour >= MaxHours ? HoursOfADay : 1;
        (DateTimeOffset At, FeatureCounts Counts)[] parts =
        [
            .. hours.GroupBy(row => Math.DivRem(row.Hour, length).Quotient * length)
                .Select(part => (Hours.StartOf(part.Key), Sum(feature, part.Select(row => row.Profile.Features[index]))))
                .Where(part => part.Item2.Total() >= MinValues),
        ];
        if (feature.Kind == FeatureKind.Numeric)
        {
            return
            [
                new TimeSeries("median, and 10 % to 90 %",
                    [.. parts.Select(part =>
                        new TimePoint(part.At, Quantile(feature, part.Counts, 0.5), Quantile(feature, part.Counts, 0.1),
                        Quantile(feature, part.Counts, 0.9)))]),
            ];
        }

        IReadOnlyList<string> labels = feature.BinLabels();
        int[] largest = [.. Enumerable.Range(0, feature.Values!.Length).OrderByDescending(bin => parts.Sum(part => part.Counts.Bins[bin]))
            .Take(MaxValues)];
        return
        [
            .. largest.Select(bin =>
                new TimeSeries(labels[bin],
                [.. parts.Select(part => new TimePoint(part.At, 100.0 * part.Counts.Bins[bin] / part.Counts.Total()))])),
        ];
    }

    /// <summary>Interpolates linearly within the bins. The outer bins extend to the minimum and maximum value.</summary>
    internal static double Quantile(ReferenceFeature feature, FeatureCounts counts, double share)
    {
        double[] edges = [Math.Min(counts.Min, feature.Edges![0]), .. feature.Edges, Math.Max(counts.Max, feature.Edges[^1])];
        double below = share * counts.Total();
        for (int bin = 0; bin < counts.Bins.Length; bin++)
        {
            if (below <= counts.Bins[bin] && counts.Bins[bin] > 0)
            {
                double from = Math.Max(edges[bin], counts.Min);
                double to = Math.Min(edges[bin + 1], counts.Max);
                return from + (Math.Max(0, to - from) * below / counts.Bins[bin]);
            }

            below -= counts.Bins[bin];
        }

        return counts.Max;
    }

    private static FeatureCounts Sum(ReferenceFeature feature, IEnumerable<FeatureCounts> parts)
    {
        FeatureCounts sum = feature.EmptyCounts();
        foreach (FeatureCounts part in parts)
        {
            sum.Add(part);
        }

        return sum;
    }
}
