namespace Modeldrop.Monitoring.Statistics;

/// <summary>Jensen-Shannon distance: √(½ Σ r·log₂(r/m) + ½ Σ c·log₂(c/m)) with m = (r + c) / 2 over the bins' shares r and c.</summary>
/// <remarks>
/// Source: Endres and Schindelin, A new metric for probability distributions (2003). This is the distance, not its square (the divergence),
/// with logarithms to base 2, so it is between 0 (equal shares) and 1 (no bin in common); larger values indicate more drift. It is a
/// metric: symmetric, with the triangle inequality. An empty bin on one side contributes the limit 0·log 0 = 0 there, so no share is
/// adjusted. Noise alone gives a divergence of about (bins - 1) · (1/n + 1/m) / (8 ln 2): read it together with the p-value.
/// </remarks>
public static class JensenShannon
{
    public const string Name = "jensenShannon";

    /// <param name="reference">Counts by bin; not all 0.</param>
    /// <param name="current">Counts by the same bins; not all 0.</param>
    public static double Distance(ReadOnlySpan<long> reference, ReadOnlySpan<long> current)
    {
        double referenceTotal = Counts.Total(reference);
        double currentTotal = Counts.Total(current);
        double divergence = 0;
        for (int bin = 0; bin < reference.Length; bin++)
        {
            double r = reference[bin] / referenceTotal;
            double c = current[bin] / currentTotal;
            double middle = (r + c) / 2;
            divergence += (Term(r, middle) + Term(c, middle)) / 2;
        }

        // Rounding may move equal shares just below 0, and disjoint shares just above 1.
        return Math.Sqrt(Math.Clamp(divergence, 0, 1));
    }

    private static double Term(double share, double middle) => share == 0 ? 0 : share * Math.Log2(share / middle);
}
