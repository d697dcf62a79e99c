using MathNet.Numerics.Distributions;

namespace Modeldrop.Monitoring.Statistics;

/// <summary>Evidence that ordered values have moved, which may be examined after every hour: a bet on their mean score.</summary>
/// <remarks>
/// <para>
/// Source: Waudby-Smith and Ramdas, Estimating means of bounded random variables by betting (2024). Each value multiplies the evidence by
/// 1 ± λ · (score - μ ∓ u), averaged over both directions and over a few λ. The scores are the bins' normal scores in the reference, and μ
/// is their mean. While the true mean is within u of μ, the evidence <i>ever</i> exceeds 1/α with a chance of at most α, however often it
/// is examined (Ville's inequality). Only the counts matter, not their order.
/// </para>
/// <para>
/// u is the reference's own uncertainty: the true mean is farther away with a chance of about δ, which adds to α. A mean has one dimension,
/// so u costs less evidence than the region of <see cref="SequentialTest"/>, which covers all bins: against 10,000 rows it detects a shift
/// of a tenth of a standard deviation after about two days of 2,400 rows, which the test of all bins never detects.
/// </para>
/// </remarks>
public sealed class ShiftBet
{
    private static readonly double[] Stakes = [0.05, 0.1, 0.2, 0.4];

    /// <summary>The largest share of its evidence that a bet may lose to one value.</summary>
    private const double MostLost = 0.9;

    private readonly double[][] _logFactors;

    /// <param name="reference">Counts by bin, in order, possibly fractional; not all 0.</param>
    /// <param name="outside">δ in the remarks on the class.</param>
    public ShiftBet(double[] reference, double outside)
    {
        NormalScores scores = new(Counts.Smoothed(reference));
        double uncertainty = Normal.InvCDF(0, 1, 1 - (outside / 2)) * Math.Sqrt(scores.Variance / Counts.Total(reference));
        _logFactors = [.. from direction in (double[])[-1, 1]
            from stake in Stakes
            let gains = scores.Values.Select(score => (direction * (score - scores.Mean)) - uncertainty).ToArray()
            let part = Math.Min(stake, MostLost / Math.Max(-gains.Min(), double.Epsilon))
            select gains.Select(gain => Math.Log(1 + (part * gain))).ToArray()];
    }

    /// <summary>Natural logarithm of the evidence; 0 without values.</summary>
    /// <param name="current">All counts since the bet began, possibly fractional.</param>
    public double LogEvidence(ReadOnlySpan<double> current)
    {
        Span<double> bets = stackalloc double[_logFactors.Length];
        for (int bet = 0; bet < bets.Length; bet++)
        {
            bets[bet] = 0;
            for (int bin = 0; bin < current.Length; bin++)
            {
                bets[bet] += current[bin] * _logFactors[bet][bin];
            }
        }

        return SequentialTest.LogMean(bets);
    }
}
