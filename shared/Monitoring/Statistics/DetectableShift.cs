using MathNet.Numerics;
using MathNet.Numerics.Distributions;

namespace Modeldrop.Monitoring.Statistics;

/// <summary>The smallest change that this many values would have shown nine times out of ten, as significant and as large enough.</summary>
/// <param name="Distance">The change as a Jensen-Shannon distance, spread over all bins.</param>
/// <param name="Deviations">
/// The change as a shift of the whole distribution, in standard deviations, if the feature were normal; null for categories, and when no
/// shift is large enough.
/// </param>
/// <param name="ByFloor">Whether the floor, not the number of values, prevents smaller changes from being detected.</param>
public sealed record DetectableShift(double Distance, double? Deviations, bool ByFloor)
{
    private const double Power = 0.9;

    /// <summary>Above this value a noncentral chi-squared variable is practically normal.</summary>
    private const double Large = 2_000;

    private const double LargestShift = 10;

    /// <summary>
    /// Computed from the power of the chi-squared test (Cohen, Statistical Power Analysis, 1988, chapter 7) and of the rank test (Noether
    /// 1987). The squared distance of a sample is noncentral chi-squared too: the floor is a second critical value, and the larger one
    /// applies.
    /// </summary>
    /// <param name="shares">Shares of the bins with values, in order; at least 2.</param>
    /// <param name="significance">Significance of the feature's own test.</param>
    /// <param name="isOrdered">Whether the test has a location part.</param>
    /// <param name="floor">Jensen-Shannon distance below which nothing matters.</param>
    public static DetectableShift Of(
        long reference, long current, IReadOnlyList<double> shares, double significance, bool isOrdered, double floor)
    {
        double share = ((double)reference * current) / ((double)reference + current);
        int degrees = shares.Count - 1;
        // For small changes Σ (difference)² / share = 8 ln 2 · JSD.
        double perDistance = share * 8 * Math.Log(2);
        double bySize = Math.Sqrt(NoncentralityAt(degrees, floor * floor * perDistance) / perDistance);
        double byTest = Math.Sqrt(Noncentrality(degrees, significance) / perDistance);
        double distance = Math.Min(1, Math.Max(bySize, byTest));
        if (!isOrdered)
        {
            return new DetectableShift(distance, null, bySize > byTest);
        }

        double z = Normal.InvCDF(0, 1, 1 - (significance / 6)) + Normal.InvCDF(0, 1, Power);
        double above = z * Math.Sqrt(1 / (12 * share));
        double? significant = above >= 0.5 ? null : Math.Sqrt(2) * Normal.InvCDF(0, 1, 0.5 + above);
        double? large = ShiftOf(shares, bySize);
        return new DetectableShift(distance, significant > large ? significant : large is null || significant is null ? null : large,
            large is null || large > significant);
    }

    /// <summary>The noncentrality with which a chi-squared variable exceeds its critical value nine times out of ten.</summary>
    internal static double Noncentrality(int degrees, double significance) =>
        NoncentralityAt(degrees, ChiSquared.Quantile(degrees, significance));

    /// <summary>
    /// The noncentrality with which it exceeds any value nine times out of ten; 0 when the central variable already does.
    /// </summary>
    internal static double NoncentralityAt(int degrees, double value)
    {
        double low = 0;
        double high = 10;
        while (Exceeds(value, degrees, high) < Power)
        {
            high *= 2;
        }

        for (int step = 0; step < 60; step++)
        {
            double middle = (low + high) / 2;
            (low, high) = Exceeds(value, degrees, middle) < Power ? (middle, high) : (low, middle);
        }

        return high;
    }

    /// <summary>
    /// The shift of a normal feature, in standard deviations, that moves its bins by the given distance; null: there is none.
    /// </summary>
    internal static double? ShiftOf(IReadOnlyList<double> shares, double distance)
    {
        if (DistanceOf(shares, LargestShift) < distance)
        {
            return null;
        }

        double low = 0;
        double high = LargestShift;
        for (int step = 0; step < 60; step++)
        {
            double middle = (low + high) / 2;
            (low, high) = DistanceOf(shares, middle) < distance ? (middle, high) : (low, middle);
        }

        return high;
    }

    /// <summary>Jensen-Shannon distance between the bins of a normal feature and the same bins after a shift.</summary>
    private static double DistanceOf(IReadOnlyList<double> shares, double shift)
    {
        double below = 0;
        double belowShifted = 0;
        double divergence = 0;
        foreach (double share in shares)
        {
            below = Math.Min(1, below + share);
            double next = below >= 1 - 1e-12 ? 1 : Normal.CDF(0, 1, Normal.InvCDF(0, 1, below) - shift);
            double shifted = next - belowShifted;
            belowShifted = next;
            double middle = (share + shifted) / 2;
            divergence += share > 0 ? share * Math.Log2(share / middle) / 2 : 0;
            divergence += shifted > 0 ? shifted * Math.Log2(shifted / middle) / 2 : 0;
        }

        return Math.Sqrt(Math.Max(0, divergence));
    }

    /// <summary>A noncentral chi-squared variable is a mixture of central ones with Poisson weights.</summary>
    private static double Exceeds(double critical, int degrees, double noncentrality)
    {
        if (Math.Max(critical, noncentrality) > Large)
        {
            return Normal.CDF(0, 1, (degrees + noncentrality - critical) / Math.Sqrt(2 * (degrees + (2 * noncentrality))));
        }

        double sum = 0;
        int last = (int)((noncentrality / 2) + (12 * Math.Sqrt(noncentrality + 1)) + 20);
        for (int term = 0; term <= last; term++)
        {
            double weight = noncentrality == 0 ? (term == 0 ? 1 : 0) : Poisson.PMF(noncentrality / 2, term);
            sum += weight * SpecialFunctions.GammaUpperRegularized((degrees / 2.0) + term, critical / 2);
        }

        return sum;
    }
}
