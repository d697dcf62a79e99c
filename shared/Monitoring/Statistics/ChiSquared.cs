using MathNet.Numerics;

namespace Modeldrop.Monitoring.Statistics;

/// <param name="Statistic">Σ (observed - expected)² / expected over both samples.</param>
/// <param name="PValue">Chance of a statistic this large without drift; small values indicate drift. 1 when there is only one cell.</param>
public sealed record ChiSquaredResult(double Statistic, int DegreesOfFreedom, double PValue)
{
    /// <summary>
    /// P-value of a shift of the whole distribution; null for unordered bins. <see cref="PValue"/> combines the smallest of the three.
    /// </summary>
    public double? Location { get; init; }

    /// <summary>P-value of a change of the distribution's width.</summary>
    public double? Spread { get; init; }

    /// <summary>P-value of any other change of its shape.</summary>
    public double? Rest { get; init; }
}

/// <summary>Pearson's chi-squared test of homogeneity: do both samples have the same distribution over the bins?</summary>
/// <remarks>
/// Source: Pearson (1900); Cochran, Some methods for strengthening the common χ² tests (1954) for the rule of 5. Expected = bin's total ·
/// sample's share of all. The test includes the sampling error of the reference, unlike a test against fixed shares. Bins in which the
/// smaller sample is expected to have fewer than 5 are joined, rarest first, until 5 are expected; the choice depends only on the totals of
/// both samples, so it favours neither answer. No continuity correction. Values must be independent: rows are, elements of a row are not.
/// </remarks>
public static class ChiSquared
{
    public const string Name = "chiSquared";

    private const double LeastExpected = 5;

    /// <param name="reference">Counts by bin; not all 0.</param>
    /// <param name="current">Counts by the same bins; not all 0.</param>
    public static ChiSquaredResult Test(ReadOnlySpan<long> reference, ReadOnlySpan<long> current)
    {
        double referenceTotal = Counts.Total(reference);
        double currentTotal = Counts.Total(current);
        List<(long Reference, long Current)> cells = JoinRarest(
            reference, current, Math.Min(referenceTotal, currentTotal) / (referenceTotal + currentTotal));
        if (cells.Count < 2)
        {
            return new ChiSquaredResult(0, 0, 1);
        }

        double statistic = 0;
        foreach ((long inReference, long inCurrent) in cells)
        {
            double all = inReference + inCurrent;
            double expectedReference = all * referenceTotal / (referenceTotal + currentTotal);
            double expectedCurrent = all * currentTotal / (referenceTotal + currentTotal);
            statistic += Square(inReference - expectedReference) / expectedReference;
            statistic += Square(inCurrent - expectedCurrent) / expectedCurrent;
        }

        int degrees = cells.Count - 1;
        // The upper tail directly: 1 - CDF would lose values below 1e-16.
        return new ChiSquaredResult(statistic, degrees, SpecialFunctions.GammaUpperRegularized(degrees / 2.0, statistic / 2));
    }

    /// <summary>The value that a chi-squared variable exceeds with the given chance.</summary>
    internal static double Quantile(int degrees, double chance)
    {
        double low = 0;
        double high = degrees + 10;
        while (SpecialFunctions.GammaUpperRegularized(degrees / 2.0, high / 2) > chance)
        {
            high *= 2;
        }

        for (int step = 0; step < 100; step++)
        {
            double middle = (low + high) / 2;
            (low, high) = SpecialFunctions.GammaUpperRegularized(degrees / 2.0, middle / 2) > chance ? (middle, high) : (low, middle);
        }

        return high;
    }

    private static List<(long Reference, long Current)> JoinRarest(
        ReadOnlySpan<long> reference, ReadOnlySpan<long> current, double smallerShare) =>
        Join(Pairs(reference, current).OrderBy(cell => cell.Reference + cell.Current), smallerShare);

    /// <summary>Joins neighbouring bins by the same rule.</summary>
    internal static List<(long Reference, long Current)> JoinNeighbours(
        ReadOnlySpan<long> reference, ReadOnlySpan<long> current, double smallerShare) =>
        Join(Pairs(reference, current), smallerShare);

    private static List<(long Reference, long Current)> Pairs(ReadOnlySpan<long> reference, ReadOnlySpan<long> current)
    {
        var pairs = new List<(long Reference, long Current)>(reference.Length);
        for (int bin = 0; bin < reference.Length; bin++)
        {
            pairs.Add((reference[bin], current[bin]));
        }

        return pairs;
    }

    private static List<(long Reference, long Current)> Join(IEnumerable<(long Reference, long Current)> bins, double smallerShare)
    {
        var cells = new List<(long Reference, long Current)>();
        (long Reference, long Current) joined = (0, 0);
        foreach ((long inReference, long inCurrent) in bins)
        {
            joined = (joined.Reference + inReference, joined.Current + inCurrent);
            if ((joined.Reference + joined.Current) * smallerShare >= LeastExpected)
            {
                cells.Add(joined);
                joined = (0, 0);
            }
        }

        if (joined != (0, 0) && cells.Count > 0)
        {
            cells[^1] = (cells[^1].Reference + joined.Reference, cells[^1].Current + joined.Current);
        }

        return cells;
    }

    private static double Square(double value) => value * value;
}
