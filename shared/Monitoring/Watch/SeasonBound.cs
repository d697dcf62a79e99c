using MathNet.Numerics;
using Modeldrop.Monitoring.Statistics;

namespace Modeldrop.Monitoring.Watch;

/// <summary>Evidence that some hours cannot be part of a week like the reference, whatever its other hours contain.</summary>
/// <remarks>
/// Hours with the share w of a week's rows can contain at most p / w of a bin whose share of the whole week is p. Evidence = M(c) / max
/// L(c; θ) over all θ with θ ≤ p / w in every bin, M uniform Dirichlet (Krichevsky and Trofimov, The performance of universal encoding,
/// 1981). p is unknown, and the reference has m values: each bin gets the upper end of its Chernoff interval, with a chance of δ that any
/// of them is wrong. So a night is no evidence against a reference that contains nights, but a value that is rare in the reference is, from
/// the first hours on.
/// </remarks>
internal static class SeasonBound
{
    /// <param name="current">Counts by bin.</param>
    /// <param name="reference">Counts by bin, over a whole season.</param>
    /// <param name="share">w in the remarks on the class, at most 1.</param>
    /// <param name="outside">δ in the remarks on the class.</param>
    /// <returns>The natural logarithm of the evidence.</returns>
    public static double LogEvidence(ReadOnlySpan<double> current, double[] reference, double share, double outside)
    {
        int bins = reference.Length;
        double total = Counts.Total(reference);
        double values = Counts.Total(current);
        double allowed = Math.Log(bins / outside) / total;
        bool isBeyond = false;
        for (int bin = 0; bin < bins && !isBeyond; bin++)
        {
            double cap = reference[bin] / total / share;
            isBeyond = current[bin] > cap * values && current[bin] > UpperBound(reference[bin] / total, allowed) / share * values;
        }

        if (!isBeyond)
        {
            // The counts' own shares are allowed, and no distribution explains them better.
            return 0;
        }

        var caps = new double[bins];
        for (int bin = 0; bin < bins; bin++)
        {
            caps[bin] = Math.Min(1, UpperBound(reference[bin] / total, allowed) / share);
        }

        return values <= 0 || caps.Sum() <= 1 ? 0 : Even(current, values) - Highest(current, caps);
    }

    /// <summary>The greatest q for which KL(p ‖ q) of two outcomes is at most <paramref name="allowed"/>.</summary>
    internal static double UpperBound(double share, double allowed)
    {
        double low = share;
        double high = 1;
        for (int step = 0; step < 60; step++)
        {
            double middle = (low + high) / 2;
            double apart = (share <= 0 ? 0 : share * Math.Log(share / middle))
                + (share >= 1 ? 0 : (1 - share) * Math.Log((1 - share) / (1 - middle)));
            (low, high) = apart > allowed ? (low, middle) : (middle, high);
        }

        return high;
    }

    /// <summary>θ = min(cap, μ · c), with μ such that they sum to 1. Bins without values take the remainder.</summary>
    private static double Highest(ReadOnlySpan<double> current, double[] caps)
    {
        double low = 0;
        double high = 1e12;
        for (int step = 0; step < 100; step++)
        {
            double middle = (low + high) / 2;
            double sum = 0;
            for (int bin = 0; bin < caps.Length; bin++)
            {
                sum += Math.Min(caps[bin], middle * current[bin]);
            }

            (low, high) = sum > 1 ? (low, middle) : (middle, high);
        }

        double logarithm = 0;
        for (int bin = 0; bin < caps.Length; bin++)
        {
            logarithm += current[bin] <= 0 ? 0 : current[bin] * Math.Log(Math.Min(caps[bin], low * current[bin]));
        }

        return logarithm;
    }

    private static double Even(ReadOnlySpan<double> current, double values)
    {
        double sum = SpecialFunctions.GammaLn(0.5 * current.Length) - SpecialFunctions.GammaLn(values + (0.5 * current.Length));
        foreach (double count in current)
        {
            sum += count <= 0 ? 0 : SpecialFunctions.GammaLn(count + 0.5) - SpecialFunctions.GammaLn(0.5);
        }

        return sum;
    }
}
