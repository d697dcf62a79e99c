namespace Modeldrop.Monitoring.Statistics;

internal static class Counts
{
    public static long Total(ReadOnlySpan<long> counts)
    {
        long total = 0;
        foreach (long count in counts)
        {
            total += count;
        }

        return total;
    }

    public static double Total(ReadOnlySpan<double> counts)
    {
        double total = 0;
        foreach (double count in counts)
        {
            total += count;
        }

        return total;
    }

    /// <summary>Shares of the counts, with half a value more in each bin, so that none is 0.</summary>
    public static double[] Smoothed(double[] counts)
    {
        double total = Total(counts);
        return [.. counts.Select(count => (count + 0.5) / (total + (0.5 * counts.Length)))];
    }
}
