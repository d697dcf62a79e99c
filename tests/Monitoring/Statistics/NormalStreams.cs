namespace Modeldrop.Tests.Monitoring.Statistics;

/// <summary>Streams of 5,000 normal values, checked after every 50, with a reference of 10,000 values in ten bins.</summary>
internal static class NormalStreams
{
    /// <summary>The reference chooses the bins by its own tenths.</summary>
    public static double[] Reference { get; } = [.. Enumerable.Repeat(1000.0, 10)];

    /// <param name="isAlarm">Whether the counts by bin so far raise an alarm.</param>
    /// <returns>The share of streams with an alarm, and the mean number of values until it.</returns>
    public static (double Share, double MeanRows) Alarms(int seed, int streams, double shift, Func<double[], bool> isAlarm)
    {
        var random = new Random(seed);
        int alarms = 0;
        long rows = 0;
        for (int stream = 0; stream < streams; stream++)
        {
            double[] sample = [.. Enumerable.Range(0, 10_000).Select(_ => Normal(random))];
            Array.Sort(sample);
            double[] edges = [.. Enumerable.Range(1, 9).Select(tenth => sample[tenth * 1000])];
            double[] current = new double[10];
            for (int row = 1; row <= 5000; row++)
            {
                double value = Normal(random) + shift;
                current[edges.Count(edge => edge <= value)]++;
                if (row % 50 == 0 && isAlarm(current))
                {
                    alarms++;
                    rows += row;
                    break;
                }
            }
        }

        return ((double)alarms / streams, (double)rows / Math.Max(1, alarms));
    }

    public static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
