using System.Globalization;
using Modeldrop.Monitoring;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Monitoring.Statistics;

namespace Modeldrop.MonitoringBench;

/// <summary>
/// Runs the watch over four weeks of hourly checks of stationary traffic: false alarms, and the time until it detects a change after a
/// week, compared with a test of the last day.
/// </summary>
internal static class HourlyLooks
{
    private const double Alpha = 0.05;
    private const int Hours = 672;
    private const int Change = 168;
    private const int RowsAnHour = 100;
    private const int ReferenceRows = 10_000;

    private static readonly MonitoringOptions NoFloor = new() { Significance = Alpha, MinimumDistance = 0 };

    public static void Run(int streams)
    {
        var quiet = new Table(
            $"Share of {streams} quiet streams with any alarm in {Hours} hourly looks, {RowsAnHour} rows an hour; stated: at most {Alpha}",
            "columns", "the watch", "Kolmogorov-Smirnov on the last day, p < 0.05, each hour");
        foreach (int columns in (int[])[1, 5])
        {
            quiet.Add(columns, ShareOf(Watched(streams, columns, 0, NoFloor)), ShareOf(Smirnov(streams, 0, 1 - Alpha)));
        }

        double limit = LimitOf(streams);
        var moved = new Table(
            $"A shift of one column of five after a week: share of {streams / 2} streams in which it is seen within three weeks, and the "
                + "median of the hours until then; the last column at as few false alarms as the watch states",
            "shift", "the watch, no floor", "hours", "alarms before", "with the default floor and rate", "hours",
            "Kolmogorov-Smirnov on the last day", "hours");
        foreach (double shift in (double[])[0.1, 0.25, 0.5, 1])
        {
            List<object> row = [$"{shift.ToString(CultureInfo.InvariantCulture)} σ"];
            long?[] results = Watched(streams / 2, 5, shift, NoFloor);
            row.AddRange(Seen(results));
            row.Add(results.Count(hour => hour < Change));
            row.AddRange(Seen(Watched(streams / 2, 5, shift, new MonitoringOptions())));
            row.AddRange(Seen(Smirnov(streams / 2, shift, limit)));
            moved.Add([.. row]);
        }
    }

    private static double ShareOf(long?[] results) => (double)results.Count(hour => hour is not null) / results.Length;

    private static object[] Seen(long?[] results)
    {
        long[] seen = [.. results.Where(hour => hour >= Change).Select(hour => hour!.Value - Change + 1).Order()];
        return [(double)seen.Length / results.Length, seen.Length == 0 ? "–" : seen[seen.Length / 2]];
    }

    private static long?[] Watched(int streams, int columns, double shift, MonitoringOptions options)
    {
        var stream = new WatchStream(columns, ReferenceRows, (random, hour) => Rows(random, columns, hour >= Change ? shift : 0));
        var results = new long?[streams];
        Parallel.For(0, streams, number =>
            results[number] = stream.FirstAlarm(new Random((number * 1009) + (columns * 101) + (int)(shift * 100)), Hours, options));
        return results;
    }

    private static List<double[]> Rows(Random random, int columns, double shift) =>
        [.. Enumerable.Range(0, RowsAnHour).Select(_ => Enumerable.Range(0, columns)
            .Select(column => Stream.Gauss(random) + (column == 0 ? shift : 0)).ToArray())];

    /// <summary>The value of 1 - p that a test of one of five columns must reach so that few quiet streams ever reach it.</summary>
    private static double LimitOf(int streams)
    {
        double[] greatest = new double[streams];
        Parallel.For(0, streams, number => greatest[number] = Days(new Random(number * 31), 0).Max());
        double[] ascending = [.. greatest.Order()];
        // Five columns share the rate.
        return ascending[(int)Math.Min(streams - 1, Math.Ceiling(streams * (1 - (Alpha / 5))))];
    }

    private static long?[] Smirnov(int streams, double shift, double limit)
    {
        var results = new long?[streams];
        Parallel.For(0, streams, number =>
        {
            int hour = Days(new Random((number * 17) + 5), shift).TakeWhile(value => value <= limit).Count();
            results[number] = hour < Hours - 23 ? hour + 23 : null;
        });
        return results;
    }

    /// <summary>1 - p of Kolmogorov-Smirnov between the reference and the last 24 hours, for each hour.</summary>
    private static IEnumerable<double> Days(Random random, double shift)
    {
        ReferenceFeature feature = ReferenceProfiler.Build(
            [Stream.Normal.ToTensor("x0", [.. Enumerable.Range(0, ReferenceRows).Select(_ => Stream.Gauss(random))])], []).Features[0];
        var hours = new Queue<long[]>();
        for (int hour = 0; hour < Hours; hour++)
        {
            double[] values = [.. Rows(random, 1, hour >= Change ? shift : 0).Select(row => row[0])];
            hours.Enqueue(Stream.Count(feature, Stream.Normal.ToTensor("x0", values)).Bins);
            if (hours.Count > 24)
            {
                hours.Dequeue();
            }

            if (hours.Count == 24)
            {
                long[] day = [.. Enumerable.Range(0, feature.BinCount).Select(bin => hours.Sum(counts => counts[bin]))];
                yield return 1 - KolmogorovSmirnov.PValue(KolmogorovSmirnov.Distance(feature.Counts.Bins, day), ReferenceRows,
                    24 * RowsAnHour);
            }
        }
    }
}
