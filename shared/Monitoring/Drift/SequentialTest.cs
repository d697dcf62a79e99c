using MathNet.Numerics;
using MathNet.Numerics.Distributions;

namespace Modeldrop.Monitoring.Drift;

/// <summary>Evidence against "no drift" that may be looked at after every hour: an e-process over the bins of one feature.</summary>
/// <remarks>
/// <para>
/// Sources: Ramdas, Grünwald, Vovk and Shafer, Game-theoretic statistics and safe anytime-valid inference (2023); Krichevsky and Trofimov, The performance of universal
/// encoding (1981). Evidence = M(c) / max L(c; θ): the probability that a fixed mixture of alternatives gave to the values so far, over the highest one that any distribution θ near the reference
/// gives them. Without drift it exceeds 1/α <i>ever</i>, at whatever many looks, with a chance of at most α (Ville's inequality). Only the counts matter, not their order, so the state is
/// the counts.
/// </para>
/// <para>
/// Near are all θ with m · KL(reference ‖ θ) ≤ ½ χ²(1 - δ; bins - 1): the reference is itself a sample of m values, and the truth lies outside with a chance of about δ, which adds to α.
/// The mixture: Dirichlet priors, even (Krichevsky-Trofimov) and around the reference at two widths, for any change; for ordered bins also the reference tilted by its normal scores, up and
/// down, for shifts. Values must be independent.
/// </para>
/// </remarks>
public static class SequentialTest
{
    private static readonly double[] Concentrations = [30, 300];
    private static readonly double[] Tilts = [-0.8, -0.4, -0.2, -0.1, -0.05, 0.05, 0.1, 0.2, 0.4, 0.8];

    /// <summary>Natural logarithm of the evidence; 0 without a value, and never more than the values can say.</summary>
    /// <param name="reference">Counts by bin; not all 0.</param>
    /// <param name="current">All counts since the test began.</param>
    /// <param name="outside">δ above.</param>
    public static double LogEvidence(ReadOnlySpan<long> reference, ReadOnlySpan<long> current, bool isOrdered, double outside)
    {
        long values = Counts.Total(current);
        if (values == 0)
        {
            return 0;
        }

        double total = Counts.Total(reference);
        double[] smooth = new double[reference.Length];
        for (int bin = 0; bin < smooth.Length; bin++)
        {
            smooth[bin] = (reference[bin] + 0.5) / (total + (0.5 * smooth.Length));
        }

        List<double> parts = [Dirichlet(current, values, [.. smooth.Select(_ => 0.5)])];
        foreach (double concentration in Concentrations)
        {
            parts.Add(Dirichlet(current, values, [.. smooth.Select(share => concentration * share)]));
        }

        double mixture = LogMean(parts);
        if (isOrdered)
        {
            mixture = LogMean([mixture, LogMean(TiltedOf(smooth, current))]);
        }

        double radius = DetectableShift.ChiSquaredQuantile(reference.Length - 1, outside) / 2;
        return mixture - Highest(reference, current, total, values, radius);
    }

    /// <summary>Logarithm of the probability of the values under a Dirichlet prior.</summary>
    private static double Dirichlet(ReadOnlySpan<long> current, long values, double[] prior)
    {
        double sum = 0;
        double weight = 0;
        for (int bin = 0; bin < prior.Length; bin++)
        {
            sum += current[bin] == 0 ? 0 : SpecialFunctions.GammaLn(current[bin] + prior[bin]) - SpecialFunctions.GammaLn(prior[bin]);
            weight += prior[bin];
        }

        return sum + SpecialFunctions.GammaLn(weight) - SpecialFunctions.GammaLn(values + weight);
    }

    /// <summary>Logarithms of the probability under the reference, tilted towards higher or lower values.</summary>
    private static List<double> TiltedOf(double[] shares, ReadOnlySpan<long> current)
    {
        double[] scores = new double[shares.Length];
        double below = 0;
        for (int bin = 0; bin < shares.Length; bin++)
        {
            scores[bin] = Normal.InvCDF(0, 1, Math.Clamp(below + (shares[bin] / 2), 1e-9, 1 - 1e-9));
            below += shares[bin];
        }

        List<double> parts = [];
        foreach (double tilt in Tilts)
        {
            double[] tilted = [.. shares.Zip(scores, (share, score) => share * Math.Exp(tilt * score))];
            double whole = tilted.Sum();
            double sum = 0;
            for (int bin = 0; bin < tilted.Length; bin++)
            {
                sum += current[bin] == 0 ? 0 : current[bin] * Math.Log(tilted[bin] / whole);
            }

            parts.Add(sum);
        }

        return parts;
    }

    /// <summary>Logarithm of the highest probability that a distribution near the reference gives the values.</summary>
    /// <remarks>It is of the form θ ∝ c + μ · r (Lagrange); the farther out, the smaller μ.</remarks>
    private static double Highest(ReadOnlySpan<long> reference, ReadOnlySpan<long> current, double total, long values, double radius)
    {
        double low = -40;
        double high = 40;
        for (int step = 0; step < 60; step++)
        {
            double middle = (low + high) / 2;
            (low, high) = Apart(reference, current, total, values, Math.Exp(middle)) > radius ? (middle, high) : (low, middle);
        }

        double mu = Math.Exp(low);
        double sum = 0;
        for (int bin = 0; bin < reference.Length; bin++)
        {
            sum += current[bin] == 0 ? 0 : current[bin] * Math.Log((current[bin] + (mu * reference[bin])) / (values + (mu * total)));
        }

        return sum;
    }

    /// <summary>m · KL(reference ‖ θ).</summary>
    private static double Apart(ReadOnlySpan<long> reference, ReadOnlySpan<long> current, double total, long values, double mu)
    {
        double sum = 0;
        for (int bin = 0; bin < reference.Length; bin++)
        {
            sum += reference[bin] == 0
                ? 0
                : reference[bin] * Math.Log(reference[bin] / total * (values + (mu * total)) / (current[bin] + (mu * reference[bin])));
        }

        return sum;
    }

    private static double LogMean(List<double> logarithms)
    {
        double largest = logarithms.Max();
        return largest + Math.Log(logarithms.Sum(value => Math.Exp(value - largest)) / logarithms.Count);
    }
}
