using System.Globalization;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Tensors;

namespace Modeldrop.MonitoringBench;

/// <summary>The watch over four weeks of hourly looks: false alarms, and how soon it sees a change that comes after a week.</summary>
internal static class HourlyLooks
{
    private const double Alpha = 0.05;
    private const int Hours = 672;
    private const int Change = 168;
    private const int RowsAnHour = 100;
    private const int ReferenceRows = 10_000;

    public static void Run(int streams)
    {
        var quiet = new Table($"Share of {streams} quiet streams with any alarm in {Hours} hourly looks, {RowsAnHour} rows an hour; stated: at most {Alpha}", "columns", "the watch", "Kolmogorov-Smirnov on the last day, p < 0.05, each hour");
        foreach (int columns in (int[])[1, 5])
        {
            Result[] results = Simulate(streams, columns, shift: 0);
            quiet.Add(columns, ShareOf(results, result => result.Watch), ShareOf(results, result => result.Smirnov));
        }

        var moved = new Table($"A shift of one column of five after a week: share of {streams / 2} streams in which it is seen within three weeks, and the median of the hours until then", "shift", "the watch", "hours", "alarms before");
        foreach (double shift in (double[])[0.1, 0.25, 0.5, 1])
        {
            Result[] results = Simulate(streams / 2, 5, shift);
            int[] seen = [.. results.Where(result => result.Watch >= Change).Select(result => result.Watch!.Value - Change + 1).Order()];
            moved.Add($"{shift.ToString(CultureInfo.InvariantCulture)} σ", (double)seen.Length / results.Length, seen.Length == 0 ? "–" : seen[seen.Length / 2], results.Count(result => result.Watch < Change));
        }
    }

    private static double ShareOf(Result[] results, Func<Result, int?> hour) => (double)results.Count(result => hour(result) is not null) / results.Length;

    private static Result[] Simulate(int streams, int columns, double shift)
    {
        var results = new Result[streams];
        Parallel.For(0, streams, stream => results[stream] = SimulateOne(new Random((stream * 1009) + (columns * 101) + (int)(shift * 100)), columns, shift));
        return results;
    }

    private static Result SimulateOne(Random random, int columns, double shift)
    {
        Tensor[] sample = [.. Enumerable.Range(0, columns).Select(column => Stream.Normal.ToTensor($"x{column}", [.. Enumerable.Range(0, ReferenceRows).Select(_ => Stream.Gauss(random))]))];
        ReferenceProfile reference = ReferenceProfiler.Build(sample, []);
        StoredWatch watch = StoredWatch.Begin(0, reference);
        List<long[]> lastDay = [];
        int? alarmed = null;
        int? smirnov = null;
        for (int hour = 0; hour < Hours && (alarmed is null || (smirnov is null && shift == 0)); hour++)
        {
            long[][] bins = [.. reference.Features.Select((feature, column) =>
                Stream.Count(feature, Stream.Normal.ToTensor(feature.Feature.Tensor, [.. Enumerable.Range(0, RowsAnHour).Select(_ => Stream.Gauss(random) + (column == 0 && hour >= Change ? shift : 0))])).Bins)];
            watch = watch.With(hour, RowsAnHour, bins);
            alarmed ??= DriftWatch.Look(watch, reference, hour, Alpha).Count > 0 ? hour : null;
            lastDay.Add(bins[0]);
            if (shift == 0 && hour >= 23)
            {
                long[] day = [.. Enumerable.Range(0, bins[0].Length).Select(bin => lastDay[^24..].Sum(counts => counts[bin]))];
                double distance = KolmogorovSmirnov.Distance(reference.Features[0].Counts.Bins, day);
                smirnov ??= KolmogorovSmirnov.PValue(distance, ReferenceRows, 24 * RowsAnHour) < Alpha ? hour : null;
            }
        }

        return new Result(alarmed, smirnov);
    }

    private sealed record Result(int? Watch, int? Smirnov);
}
