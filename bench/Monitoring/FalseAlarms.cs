using Modeldrop.Monitoring;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Tensors;

namespace Modeldrop.MonitoringBench;

/// <summary>The rate of alarms when nothing has changed, without the effect floor: the tests alone.</summary>
internal static class FalseAlarms
{
    private const double Alpha = 0.05;
    private const int ReferenceRows = 10_000;

    private static readonly MonitoringOptions Options = new() { Significance = Alpha, MinimumDistance = 0, MinimumRows = 50 };

    public static void Run(int checks)
    {
        int[] sizes = [50, 200, 1000, 5000, 50_000];
        var one = new Table(
            $"Share of checks of one unchanged column that alarm; stated: {Alpha}; {checks:N0} checks each (a quarter of them at 50,000 "
                + $"rows), reference {ReferenceRows:N0} rows",
            ["column", .. sizes.Select(size => $"n = {size:N0}")]);
        foreach (Stream stream in Stream.All)
        {
            one.Add([stream.Name, .. sizes.Select(size => (object)ShareOf(stream, 1, size, size > 10_000 ? checks / 4 : checks))]);
        }

        var many = new Table(
            $"Share of checks with any alarm, of many unchanged normal columns with 500 rows; stated: {Alpha}", "columns", "share");
        foreach (int columns in (int[])[1, 10, 100])
        {
            many.Add(columns, ShareOf(Stream.Normal, columns, 500, Math.Max(400, checks * 4 / (columns + 3))));
        }
    }

    private static double ShareOf(Stream stream, int columns, int rows, int checks)
    {
        int alarms = 0;
        Parallel.For(0, checks, check =>
        {
            var random = new Random((((stream.Name.Length * 101) + columns) * 1009) + rows + (check * 100_003));
            Tensor[] references = [
                .. Enumerable.Range(0, columns).Select(column => stream.ToTensor($"x{column}", [.. Draw(stream, random, ReferenceRows)]))];
            ReferenceProfile profile = ReferenceProfiler.Build(references, []);
            FeatureCounts[] current = [
                .. profile.Features.Select(
                    feature => Stream.Count(feature, stream.ToTensor(feature.Feature.Tensor, [.. Draw(stream, random, rows)])))];
            if (DriftEvaluator.Evaluate(profile, null, current, Options).Any(feature => feature.Drifted))
            {
                Interlocked.Increment(ref alarms);
            }
        });
        return (double)alarms / checks;
    }

    private static IEnumerable<double> Draw(Stream stream, Random random, int rows) =>
        Enumerable.Range(0, rows).Select(_ => stream.Draw(random, 0));
}
