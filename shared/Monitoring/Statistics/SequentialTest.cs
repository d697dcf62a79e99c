using System.Collections.Concurrent;
using MathNet.Numerics;

namespace Modeldrop.Monitoring.Statistics;

/// <summary>Evidence against "no drift" that may be examined after every hour: an e-process over the bins of one feature.</summary>
/// <remarks>
/// <para>
/// Sources: Ramdas, Grünwald, Vovk and Shafer, Game-theoretic statistics and safe anytime-valid inference (2023); Krichevsky and Trofimov,
/// The performance of universal encoding (1981). Evidence = M(c) / max L(c; θ): the probability of the values so far under a fixed mixture
/// of alternatives, over the highest probability under any distribution θ near the reference. Without drift it <i>ever</i> exceeds 1/α with
/// a chance of at most α, however often it is examined (Ville's inequality). Only the counts matter, not their order, so the state is the
/// counts.
/// </para>
/// <para>
/// Near the reference are all θ with m · KL(reference ‖ θ) ≤ ½ χ²(1 - δ; bins - 1): the reference is itself a sample of m values, and the
/// true distribution is outside this region with a chance of about δ, which adds to α. The mixture has Dirichlet priors, uniform
/// (Krichevsky-Trofimov) and around the reference at two widths, for any change; for ordered bins also the reference tilted by its normal
/// scores, up and down, for shifts (<see cref="ShiftBet"/> detects smaller ones). Values must be independent.
/// </para>
/// </remarks>
public sealed class SequentialTest
{
    private static readonly double[] Concentrations = [30, 300];
    private static readonly double[] Tilts = [-0.8, -0.4, -0.2, -0.1, -0.05, 0.05, 0.1, 0.2, 0.4, 0.8];

    /// <summary>Every look needs the same few radii.</summary>
    private static readonly ConcurrentDictionary<(int Degrees, double Outside), double> Radii = new();

    private readonly double[] _reference;
    private readonly double _total;
    private readonly double _radius;
    private readonly double[][] _priors;
    private readonly double[][] _logTilted;

    /// <param name="reference">Counts by bin; not all 0.</param>
    /// <param name="outside">δ in the remarks on the class.</param>
    public SequentialTest(long[] reference, bool isOrdered, double outside)
        : this([.. reference.Select(count => (double)count)], isOrdered, outside)
    {
    }

    /// <param name="reference">
    /// Counts by bin, possibly fractional, because rows that depend on each other count for fewer. Not all 0.
    /// </param>
    /// <param name="outside">δ in the remarks on the class.</param>
    public SequentialTest(double[] reference, bool isOrdered, double outside)
    {
        _reference = reference;
        _total = reference.Sum();
        _radius = Radii.GetOrAdd((reference.Length - 1, outside), static key => ChiSquared.Quantile(key.Degrees, key.Outside) / 2);
        double[] smooth = Counts.Smoothed(reference);
        _priors = [
            [.. smooth.Select(_ => 0.5)], .. Concentrations.Select(concentration => smooth.Select(share => concentration * share).ToArray())
        ];
        _logTilted = isOrdered ? LogTilted(smooth) : [];
    }

    /// <summary>Natural logarithm of the evidence; 0 without values, and never more than the values support.</summary>
    /// <param name="current">All counts since the test began.</param>
    public double LogEvidence(ReadOnlySpan<long> current)
    {
        Span<double> counts = new double[current.Length];
        for (int bin = 0; bin < counts.Length; bin++)
        {
            counts[bin] = current[bin];
        }

        return LogEvidence(counts);
    }

    /// <param name="current">All counts since the test began, possibly fractional.</param>
    public double LogEvidence(ReadOnlySpan<double> current)
    {
        double values = Counts.Total(current);
        if (values <= 0)
        {
            return 0;
        }

        Span<double> parts = stackalloc double[Math.Max(_priors.Length, _logTilted.Length)];
        for (int prior = 0; prior < _priors.Length; prior++)
        {
            parts[prior] = Dirichlet(current, values, _priors[prior]);
        }

        double mixture = LogMean(parts[.._priors.Length]);
        if (_logTilted.Length > 0)
        {
            for (int tilt = 0; tilt < _logTilted.Length; tilt++)
            {
                parts[tilt] = Likelihood(current, _logTilted[tilt]);
            }

            mixture = LogMean([mixture, LogMean(parts[.._logTilted.Length])]);
        }

        return mixture - Highest(current, values);
    }

    /// <summary>Logarithms of the reference's shares, tilted towards higher or lower values.</summary>
    private static double[][] LogTilted(double[] shares)
    {
        NormalScores scores = new(shares);
        return [.. Tilts.Select(tilt =>
        {
            double[] tilted = [.. shares.Zip(scores.Values, (share, score) => share * Math.Exp(tilt * score))];
            double whole = tilted.Sum();
            return tilted.Select(share => Math.Log(share / whole)).ToArray();
        })];
    }

    private static double Likelihood(ReadOnlySpan<double> current, double[] logShares)
    {
        double sum = 0;
        for (int bin = 0; bin < logShares.Length; bin++)
        {
            sum += current[bin] == 0 ? 0 : current[bin] * logShares[bin];
        }

        return sum;
    }

    /// <summary>Logarithm of the probability of the values under a Dirichlet prior.</summary>
    private static double Dirichlet(ReadOnlySpan<double> current, double values, double[] prior)
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

    /// <summary>Logarithm of the highest probability of the values under a distribution near the reference.</summary>
    /// <remarks>The maximum has the form θ ∝ c + μ · r (Lagrange); the farther away, the smaller μ.</remarks>
    private double Highest(ReadOnlySpan<double> current, double values)
    {
        double low = -30;
        double high = 30;
        for (int step = 0; step < 45; step++)
        {
            double middle = (low + high) / 2;
            (low, high) = Apart(current, values, Math.Exp(middle)) > _radius ? (middle, high) : (low, middle);
        }

        double mu = Math.Exp(low);
        double sum = 0;
        for (int bin = 0; bin < _reference.Length; bin++)
        {
            sum += current[bin] == 0 ? 0 : current[bin] * Math.Log((current[bin] + (mu * _reference[bin])) / (values + (mu * _total)));
        }

        return sum;
    }

    /// <summary>m · KL(reference ‖ θ).</summary>
    private double Apart(ReadOnlySpan<double> current, double values, double mu)
    {
        double scale = (values + (mu * _total)) / _total;
        double sum = 0;
        for (int bin = 0; bin < _reference.Length; bin++)
        {
            sum += _reference[bin] == 0 ? 0 : _reference[bin] * Math.Log(_reference[bin] * scale / (current[bin] + (mu * _reference[bin])));
        }

        return sum;
    }

    internal static double LogMean(ReadOnlySpan<double> logarithms)
    {
        double largest = double.NegativeInfinity;
        foreach (double value in logarithms)
        {
            largest = Math.Max(largest, value);
        }

        double sum = 0;
        foreach (double value in logarithms)
        {
            sum += Math.Exp(value - largest);
        }

        return largest + Math.Log(sum / logarithms.Length);
    }
}
