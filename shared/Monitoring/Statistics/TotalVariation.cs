namespace Modeldrop.Monitoring.Statistics;

/// <summary>Total variation distance: ½ Σ |r - c| over the bins' shares r and c.</summary>
/// <remarks>
/// Source: Levin, Peres and Wilmer, Markov Chains and Mixing Times, chapter 4. Between 0 (equal shares) and 1 (no bin in common): the share
/// of the values that would have to move to another bin. Larger values indicate more drift; symmetric; no bin needs an adjustment. Noise
/// alone gives about √((1/n + 1/m) / 2π) · Σ √(r(1 - r)): read it together with the p-value.
/// </remarks>
public static class TotalVariation
{
    public const string Name = "totalVariation";

    /// <param name="reference">Counts by bin; not all 0.</param>
    /// <param name="current">Counts by the same bins; not all 0.</param>
    public static double Distance(ReadOnlySpan<long> reference, ReadOnlySpan<long> current)
    {
        double referenceTotal = Counts.Total(reference);
        double currentTotal = Counts.Total(current);
        double sum = 0;
        for (int bin = 0; bin < reference.Length; bin++)
        {
            sum += Math.Abs((reference[bin] / referenceTotal) - (current[bin] / currentTotal));
        }

        return Math.Min(1, sum / 2);
    }
}
