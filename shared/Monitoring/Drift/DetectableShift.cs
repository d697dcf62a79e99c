using MathNet.Numerics;
using MathNet.Numerics.Distributions;

namespace Modeldrop.Monitoring.Drift;

/// <summary>The smallest shift that so many values would have shown nine times out of ten.</summary>
/// <param name="Distance">As a Jensen-Shannon distance, of a change spread over all bins.</param>
/// <param name="Deviations">Of the whole distribution, in standard deviations, were the feature normal; null for categories.</param>
public sealed record DetectableShift(double Distance, double? Deviations)
{
    private const double Power = 0.9;

    /// <summary>From the power of the chi-squared test (Cohen, Statistical Power Analysis, 1988, chapter 7) and of the rank test (Noether 1987).</summary>
    /// <param name="bins">With values; at least 2.</param>
    /// <param name="significance">Of the one feature.</param>
    /// <param name="isOrdered">Whether the test has a part for location.</param>
    public static DetectableShift Of(long reference, long current, int bins, double significance, bool isOrdered)
    {
        double share = ((double)reference * current) / ((double)reference + current);
        double noncentrality = Noncentrality(bins - 1, significance);
        // For small changes Σ (difference)² / share = 8 ln 2 · JSD.
        double distance = Math.Min(1, Math.Sqrt(noncentrality / share / (8 * Math.Log(2))));
        if (!isOrdered)
        {
            return new DetectableShift(distance, null);
        }

        double z = Normal.InvCDF(0, 1, 1 - (significance / 6)) + Normal.InvCDF(0, 1, Power);
        double above = z * Math.Sqrt(1 / (12 * share));
        return new DetectableShift(distance, above >= 0.5 ? null : Math.Sqrt(2) * Normal.InvCDF(0, 1, 0.5 + above));
    }

    /// <summary>That with which a chi-squared variable exceeds its critical value nine times out of ten.</summary>
    internal static double Noncentrality(int degrees, double significance)
    {
        double critical = ChiSquared.Quantile(degrees, significance);
        double low = 0;
        double high = 10;
        while (Exceeds(critical, degrees, high) < Power)
        {
            high *= 2;
        }

        for (int step = 0; step < 60; step++)
        {
            double middle = (low + high) / 2;
            (low, high) = Exceeds(critical, degrees, middle) < Power ? (middle, high) : (low, middle);
        }

        return high;
    }

    /// <summary>A noncentral chi-squared variable is a mixture of central ones with Poisson weights.</summary>
    private static double Exceeds(double critical, int degrees, double noncentrality)
    {
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
