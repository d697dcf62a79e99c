using Modeldrop.Monitoring.Profiles;

namespace Modeldrop.Lifecycle.Drills;

/// <summary>A change that a drill makes to one input.</summary>
public enum DrillChange
{
    /// <summary>All values increase by half a standard deviation.</summary>
    Shift,

    /// <summary>The input is missing in all rows.</summary>
    Missing,

    /// <summary>All rows have the same value: the middle one, or the most frequent one.</summary>
    Stuck,

    /// <summary>All values are 1,000 times as large.</summary>
    Unit,

    /// <summary>One row in five has a value that the reference does not have.</summary>
    NewCategory,
}

/// <summary>Applies changes to counts by bin.</summary>
/// <remarks>
/// The log is counted by bin, so a bin's values are treated as evenly spread between its edges. Moments stay unchanged: a drill does not
/// read them.
/// </remarks>
internal static class DrillChanges
{
    private const double ShiftDeviations = 0.5;
    private const double UnitFactor = 1_000;
    private const double NewShare = 0.2;

    public static string WordsOf(DrillChange change) => change switch
    {
        DrillChange.Shift => "all values increased by half a standard deviation",
        DrillChange.Missing => "missing in all rows",
        DrillChange.Stuck => "the same value in all rows",
        DrillChange.Unit => "all values 1,000 times as large",
        DrillChange.NewCategory => "a new value in one row in five",
        _ => throw new ArgumentOutOfRangeException(nameof(change), change, null),
    };

    public static bool Fits(DrillChange change, ReferenceFeature feature) => change switch
    {
        DrillChange.Shift => feature.Kind == FeatureKind.Numeric && feature.DeviationOf(feature.Counts) > 0,
        DrillChange.Unit => feature.Kind == FeatureKind.Numeric,
        DrillChange.NewCategory => feature.Kind == FeatureKind.Category,
        _ => true,
    };

    /// <summary>Returns the counts after the change.</summary>
    public static FeatureCounts Apply(DrillChange change, ReferenceFeature feature, FeatureCounts counts) => change switch
    {
        DrillChange.Shift => Mapped(feature, counts, 1, ShiftDeviations * feature.DeviationOf(feature.Counts)!.Value),
        DrillChange.Unit => Mapped(feature, counts, UnitFactor, 0),
        DrillChange.Missing => new FeatureCounts { Bins = new long[counts.Bins.Length], Missing = counts.Missing + counts.Total() },
        DrillChange.Stuck => Stuck(feature, counts),
        DrillChange.NewCategory => WithNew(counts),
        _ => throw new ArgumentOutOfRangeException(nameof(change), change, null),
    };

    private static FeatureCounts Mapped(ReferenceFeature feature, FeatureCounts counts, double factor, double offset)
    {
        double[] edges = feature.Edges!;
        long[] bins = new long[counts.Bins.Length];
        for (int bin = 0; bin < bins.Length; bin++)
        {
            double low = bin == 0 ? Math.Min(counts.Min, edges[0]) : edges[bin - 1];
            double high = bin == edges.Length ? Math.Max(counts.Max, edges[^1]) : edges[bin];
            Spread(counts.Bins[bin], (low * factor) + offset, (high * factor) + offset, edges, bins);
        }

        return With(counts, bins, (counts.Min * factor) + offset, (counts.Max * factor) + offset);
    }

    /// <summary>Distributes values that lie evenly between two numbers over the bins.</summary>
    private static void Spread(long values, double low, double high, double[] edges, long[] bins)
    {
        long placed = 0;
        for (int bin = 0; bin < bins.Length && placed < values; bin++)
        {
            double below = bin == edges.Length || edges[bin] > high ? 1
                : high > low ? Math.Clamp((edges[bin] - low) / (high - low), 0, 1) : 0;
            long through = (long)Math.Round(values * below);
            bins[bin] += Math.Max(0, through - placed);
            placed = Math.Max(placed, through);
        }
    }

    private static FeatureCounts Stuck(ReferenceFeature feature, FeatureCounts counts)
    {
        long[] bins = new long[counts.Bins.Length];
        long[] before = feature.Counts.Bins;
        int place = 0;
        if (feature.Kind == FeatureKind.Category)
        {
            place = Array.IndexOf(before, before.Max());
        }
        else
        {
            long half = (before.Sum() + 1) / 2;
            for (long below = before[0]; below < half; below += before[place])
            {
                place++;
            }
        }

        bins[place] = counts.Total();
        FeatureCounts stuck = With(counts, bins, counts.Min, counts.Max);
        stuck.AlikePairs = stuck.Pairs;
        return stuck;
    }

    private static FeatureCounts WithNew(FeatureCounts counts)
    {
        long[] bins = [.. counts.Bins];
        for (int bin = 0; bin < bins.Length - 1; bin++)
        {
            long moved = (long)Math.Round(bins[bin] * NewShare);
            bins[bin] -= moved;
            bins[^1] += moved;
        }

        return With(counts, bins, counts.Min, counts.Max);
    }

    private static FeatureCounts With(FeatureCounts counts, long[] bins, double min, double max) => new()
    {
        Bins = bins,
        Missing = counts.Missing,
        NotANumber = counts.NotANumber,
        Finite = counts.Finite,
        Clipped = counts.Clipped,
        Sum = counts.Sum,
        SumOfSquares = counts.SumOfSquares,
        Min = min,
        Max = max,
        Pairs = counts.Pairs,
        AlikePairs = counts.AlikePairs,
    };
}
