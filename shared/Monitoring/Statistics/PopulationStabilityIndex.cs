namespace Modeldrop.Monitoring.Statistics;

/// <summary>
/// Population stability index: Σ (c - r) · ln(c / r) over the bins' shares r of the reference and c of the current window.
/// </summary>
/// <remarks>
/// Source: Lewis, An Introduction to Credit Scoring (1994). It is Jeffreys' divergence between the two distributions, with natural
/// logarithms. From 0 (equal shares) without an upper limit; larger values indicate more drift. Symmetric. Shares below 0.0001 count as
/// 0.0001, so an empty bin does not make it infinite. Noise alone gives about (bins - 1) · (1/n + 1/m): read it together with the p-value.
/// </remarks>
public static class PopulationStabilityIndex
{
    public const string Name = "psi";

    private const double LeastShare = 0.0001;

    /// <param name="reference">Counts by bin; not all 0.</param>
    /// <param name="current">Counts by the same bins; not all 0.</param>
    public static double Of(ReadOnlySpan<long> reference, ReadOnlySpan<long> current)
    {
        double referenceTotal = Counts.Total(reference);
        double currentTotal = Counts.Total(current);
        double sum = 0;
        for (int bin = 0; bin < reference.Length; bin++)
        {
            double r = Math.Max(reference[bin] / referenceTotal, LeastShare);
            double c = Math.Max(current[bin] / currentTotal, LeastShare);
            sum += (c - r) * Math.Log(c / r);
        }

        return sum;
    }
}
