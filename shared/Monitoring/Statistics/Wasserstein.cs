namespace Modeldrop.Monitoring.Statistics;

/// <summary>
/// Normalised Wasserstein distance: Σ |R - C| · (distance between the midpoints of neighbouring bins) / σ of the reference, with the
/// cumulative shares R and C.
/// </summary>
/// <remarks>
/// Source: Ramdas, Garcia Trillos and Cuturi, On Wasserstein two-sample testing (2017); the normalisation is customary. From 0 (equal
/// shares) without an upper limit: the average distance, in standard deviations of the reference, by which the values have to be moved.
/// Larger values indicate more drift; symmetric except for σ; for numeric features only. All values of a bin count as its midpoint. Noise
/// alone gives about 0.8 · √(1/n + 1/m) for a normal feature, and more for heavy tails: read it together with the p-value.
/// </remarks>
public static class Wasserstein
{
    public const string Name = "wasserstein";

    /// <param name="reference">Counts by bin, ascending; not all 0.</param>
    /// <param name="current">Counts by the same bins; not all 0.</param>
    /// <param name="middles">Midpoints of the bins, ascending.</param>
    /// <param name="deviation">Standard deviation of the reference, in the unit of the values; above 0.</param>
    public static double Distance(ReadOnlySpan<long> reference, ReadOnlySpan<long> current, ReadOnlySpan<double> middles, double deviation)
    {
        double referenceTotal = Counts.Total(reference);
        double currentTotal = Counts.Total(current);
        long below = 0;
        long belowNow = 0;
        double sum = 0;
        for (int bin = 0; bin < reference.Length - 1; bin++)
        {
            below += reference[bin];
            belowNow += current[bin];
            double apart = Math.Abs((below / referenceTotal) - (belowNow / currentTotal));
            // An empty end has no midpoint, and nothing moves there.
            sum += apart == 0 ? 0 : apart * (middles[bin + 1] - middles[bin]);
        }

        return sum / deviation;
    }
}
