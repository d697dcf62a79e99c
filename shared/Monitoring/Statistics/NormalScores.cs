using MathNet.Numerics.Distributions;

namespace Modeldrop.Monitoring.Statistics;

/// <summary>Normal scores of ordered bins: the standard normal value at the middle of each bin's share.</summary>
internal sealed class NormalScores
{
    /// <param name="shares">Shares of the bins, in order, above 0; they sum to 1.</param>
    public NormalScores(double[] shares)
    {
        Values = new double[shares.Length];
        double below = 0;
        for (int bin = 0; bin < shares.Length; bin++)
        {
            Values[bin] = Normal.InvCDF(0, 1, Math.Clamp(below + (shares[bin] / 2), 1e-9, 1 - 1e-9));
            below += shares[bin];
        }

        Mean = MeanOf(shares);
        Variance = Math.Max(0, shares.Zip(Values, (share, score) => share * score * score).Sum() - (Mean * Mean));
    }

    public double[] Values { get; }

    public double Mean { get; }

    public double Variance { get; }

    /// <param name="shares">Other shares of the same bins.</param>
    public double MeanOf(double[] shares)
    {
        double mean = 0;
        for (int bin = 0; bin < shares.Length; bin++)
        {
            mean += shares[bin] * Values[bin];
        }

        return mean;
    }
}
