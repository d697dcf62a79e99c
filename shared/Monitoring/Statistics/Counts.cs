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
}
