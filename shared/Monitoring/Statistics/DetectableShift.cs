using MathNet.Numerics;
using MathNet.Numerics.Distributions;

namespace Modeldrop.Monitoring.Statistics;

/// <summary>The smallest change that so many values would have shown nine times out of ten, as significant and as large enough.</summary>
/// <param name="Distance">As a Jensen-Shannon distance, of a change spread over all bins.</param>
/// <param name="Deviations">Of the whole distribution, in standard deviations, were the feature normal; null for categories, and when no
/// shift is large enough.</param>
/// <param name="ByFloor">The floor is what keeps smaller changes from being seen, not the number of values.</param>
public sealed record DetectableShift(double Distance, double? Deviations, bool ByFloor)
{
    private const double Power = 0.9;

    /// <summary>Beyond it a noncentral chi-squared variable is as good as normal.</summary>
    private const double Large = 2_000;

    private const double LargestShift = 10;

    /// <summary>
    /// From the power of the chi-squared test (Cohen, Statistical Power Analysis, 1988, chapter 7) and of the rank test (Noether 1987).
    /// The distance of a sample, squared,
    /// is noncentral chi-squared too: the floor is a second critical value, and the larger one counts.
    /// </summary>
    /// <param name="shares">Of the bins with values, in their order; at least 2.</param>
    /// <param name="significance">Of the one feature's test.</param>
    /// <param name="isOrdered">Whether the test has a part for location.</param>
    /// <param name="floor">Jensen-Shannon distance below which nothing matters.</param>
    public static DetectableShift Of(long reference, long current, IReadOnlyList<double> shares, double significance, bool isOrdered,
        double floor)
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

    /// <summary>That with which a chi-squared variable exceeds its critical value nine times out of ten.</summary>
    internal static double Noncentrality(int degrees, double significance) =>
        NoncentralityAt(degrees, ChiSquared.Quantile(degrees, significance));

    /// <summary>That with which it exceeds any value nine times out of ten; 0 when it does so without.</summary>
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

    /// <summary>The shift of a normal feature, in standard deviations, that moves its bins by a distance; null: none does.</summary>
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

    /// <summary>Jensen-Shannon distance of the bins of a normal feature from themselves, shifted.</summary>
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
