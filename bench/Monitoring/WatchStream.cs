using Modeldrop.Monitoring;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Monitoring.Watch;
using Modeldrop.Tensors;

namespace Modeldrop.MonitoringBench;

/// <summary>Hourly traffic of identically distributed columns, and the watch over it.</summary>
/// <param name="ReferenceRows">Rows drawn from at least six earlier weeks.</param>
/// <param name="Draw">Draws the rows of an hour, one value per column, from the random generator, the stream's state and the hour.</param>
internal sealed record WatchStream(int Columns, int ReferenceRows, Func<Random, long, List<double[]>> Draw)
{
    /// <returns>The hour of the first alarm; null: none.</returns>
    public long? FirstAlarm(Random random, int hours, MonitoringOptions options, bool ofLog = false)
    {
        ReferenceProfile reference = ReferenceProfiler.Build(TensorsOf(Reference(random)), []);
        WatchBaseline baseline = DriftWatch.BaselineOf(reference, null, ofLog);
        StoredWatch watch = StoredWatch.Begin(0, baseline.Shape);
        for (int hour = 0; hour < hours; hour++)
        {
            List<double[]> rows = Draw(random, hour);
            if (rows.Count == 0)
            {
                continue;
            }

            Tensor[] tensors = TensorsOf(rows);
            double[][] counts = [.. reference.Features.Select((feature, column) => Stream.Count(feature, tensors[column])
                .Bins.Select(count => (double)count).ToArray())];
            watch = DriftWatch.Advance(
                watch, baseline, new WatchHour(hour, rows.Count, counts, [.. reference.Features.Select(_ => 1.0)]), options);
            if (watch.Alarms.Count > 0)
            {
                return hour;
            }
        }

        return null;
    }

    private List<double[]> Reference(Random random)
    {
        List<double[]> pool = [];
        for (long hour = -20 * SeasonModel.Cells; hour < -14 * SeasonModel.Cells || pool.Count < ReferenceRows; hour++)
        {
            pool.AddRange(Draw(random, hour));
        }

        double[][] rows = [.. pool];
        random.Shuffle(rows);
        return [.. rows[..ReferenceRows]];
    }

    private Tensor[] TensorsOf(List<double[]> rows) =>
        [.. Enumerable.Range(0, Columns).Select(column => Stream.Normal.ToTensor($"x{column}", [.. rows.Select(row => row[column])]))];
}
