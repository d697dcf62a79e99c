using Modeldrop.Monitoring;

namespace Modeldrop.MonitoringBench;

/// <summary>
/// False alarms of the watch in four weeks of unchanged traffic of common kinds: day and night, weekends, returning users, batch jobs,
/// gaps, small and large references.
/// </summary>
internal static class Seasons
{
    private const int Hours = 672;
    private const int Columns = 5;

    internal static readonly (string Name, int Reference, Func<Random, long, List<double[]>> Draw)[] Kinds =
    [
        ("stationary, reference of 150 rows", 150, Stationary),
        ("stationary, 2,000 rows", 2_000, Stationary),
        ("stationary, 100,000 rows", 100_000, Stationary),
        ("day and night 1 σ apart, few rows at night", 10_000, (random, hour) => Rows(random, Volume(hour), () => Day(hour))),
        ("the same, reference of 150 rows", 150, (random, hour) => Rows(random, Volume(hour), () => Day(hour))),
        ("the same, weekends 1 σ lower", 10_000, (random, hour) => Rows(random, Volume(hour), () => DayOfWeek(hour))),
        ("days and weekends, as many rows at night", 10_000, (random, hour) => Rows(random, 100, () => DayOfWeek(hour))),
        ("weekends without the day's rhythm", 10_000, (random, hour) => Rows(random, 100, () => IsWeekend(hour) ? 0 : Day(hour))),
        ("10 rows a user, within the hour", 10_000, (random, hour) => Copies(random, 10, 10)),
        ("10 rows a user, over the day", 10_000, (random, hour) => Users(random, hour)),
        ("days that differ by 0.3 σ for no reason", 10_000, (random, hour) =>
            Rows(random, 100, () => 0.3 * Hashed(hour >= 0 ? hour / 24 : hour, 1))),
        ("a batch of 2,000 rows a day, 1 σ higher", 10_000, (random, hour) => Rows(random, 100, () => 0, Batch(hour))),
        ("no traffic at night and in one hour of ten", 10_000, (random, hour) => Hod(hour) < 7 || random.Next(10) == 0 ? []
            : Rows(random, 60, () => Day(hour))),
    ];

    public static void Run(int streams)
    {
        var table = new Table($"Share of {streams} streams of {Hours} hours, {Columns} columns, that raise any false alarm", "traffic",
            "stated 0.01, floor 0.1 (default)", "stated 0.05, no floor");
        foreach ((string name, int reference, Func<Random, long, List<double[]>> draw) in Kinds)
        {
            var stream = new WatchStream(Columns, reference, draw);
            table.Add(
                name,
                Share(stream, streams, new MonitoringOptions()),
                Share(stream, streams, new MonitoringOptions { Significance = 0.05, MinimumDistance = 0 }));
        }
    }

    private static double Share(WatchStream stream, int streams, MonitoringOptions options)
    {
        int alarms = 0;
        Parallel.For(0, streams, number =>
        {
            if (stream.FirstAlarm(new Random(number * 1009), Hours, options) is not null)
            {
                Interlocked.Increment(ref alarms);
            }
        });
        return (double)alarms / streams;
    }

    private static List<double[]> Stationary(Random random, long hour) => Rows(random, 100, () => 0);

    private static List<double[]> Rows(Random random, int rows, Func<double> mean, int batch = 0) =>
    [
        .. Enumerable.Range(0, rows).Select(_ => Row(random, mean(), 1)),
        .. Enumerable.Range(0, batch).Select(_ => Row(random, 1, 0.3)),
    ];

    private static List<double[]> Copies(Random random, int users, int copies) =>
        [.. Enumerable.Range(0, users).SelectMany(_ => Enumerable.Repeat(Row(random, 0, 1), copies))];

    /// <summary>240 users a day with 2,400 rows.</summary>
    private static List<double[]> Users(Random random, long hour) =>
        [.. Enumerable.Range(0, 100).Select(_ =>
            Row(new Random((int)((Math.DivRem(hour, 24).Quotient * 1_000) + random.Next(240))), 0, 1))];

    private static double[] Row(Random random, double mean, double deviation) =>
        [.. Enumerable.Range(0, Columns).Select(_ => mean + (deviation * Stream.Gauss(random)))];

    private static int Hod(long hour) => (int)(((hour % 24) + 24) % 24);

    private static bool IsWeekend(long hour) => (((hour % 168) + 168) % 168) / 24 >= 5;

    private static double DayOfWeek(long hour) => Day(hour) - (IsWeekend(hour) ? 1 : 0);

    private static double Day(long hour) => Math.Sin(Hod(hour) * Math.PI / 12);

    private static int Volume(long hour) => (int)(105 - (95 * Math.Cos(Hod(hour) * Math.PI / 12)));

    private static int Batch(long hour) => new Random((int)(hour / 24)).Next(24) == Hod(hour) ? 2_000 : 0;

    private static double Hashed(long seed, double deviation) => deviation * Stream.Gauss(new Random((int)(seed * 7919)));
}
