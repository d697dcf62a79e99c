using Modeldrop.Manifests;
using Modeldrop.Monitoring;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Monitoring.Watch;
using Modeldrop.Tensors;
using static Modeldrop.Tests.Predictions.LogWorld;

namespace Modeldrop.Tests.Monitoring.Watch;

/// <summary>The size of a change that an alarm of the watch needs, in addition to the evidence.</summary>
public sealed class WatchFloorTests
{
    private const int Week = 168;

    private readonly Random _random = new(5);

    [Fact]
    public void Watch_FlagFromOneToFourPercent_Alarms_AlthoughTheDistanceIsBelowTheFloor() =>
        Assert.InRange(AlarmAfter(before: 0.01, after: 0.04, new FeaturePolicy())!.Value, 1, 48);

    [Fact]
    public void Watch_FloorOfTheManifest_DecidesAlone()
    {
        Assert.Null(AlarmAfter(before: 0.01, after: 0.04, new FeaturePolicy(Floor: 0.2)));
        Assert.Null(AlarmAfter(before: 0.5, after: 0.6, new FeaturePolicy(Floor: 0.2)));
        Assert.NotNull(AlarmAfter(before: 0.5, after: 0.6, new FeaturePolicy(Floor: 0.02)));
    }

    [Fact]
    public void Watch_NothingChanges_DoesNotAlarm() => Assert.Null(AlarmAfter(before: 0.01, after: 0.01, new FeaturePolicy()));

    /// <summary>Hours of 200 rows: two weeks like the reference and three days with the other share.</summary>
    /// <returns>Hours from the change to the alarm; null: none.</returns>
    private long? AlarmAfter(double before, double after, FeaturePolicy feature)
    {
        var policy = new MonitoringPolicy { Features = new Dictionary<string, FeaturePolicy> { ["flag"] = feature } };
        ReferenceProfile reference = ReferenceProfiler.Build([Flags(10_000, before)], [], policy: policy);
        WatchBaseline baseline = DriftWatch.BaselineOf(reference, null, ofLog: false);
        StoredWatch watch = StoredWatch.Begin(0, baseline.Shape);
        for (int hour = 0; hour < (2 * Week) + 72; hour++)
        {
            FeatureCounts counts = reference.Features[0].EmptyCounts();
            Tensor flags = Flags(200, hour < 2 * Week ? before : after);
            new FeatureCounter(reference.Features[0]).Count(flags, counts);
            var keys = new KeySample();
            for (int row = 0; row < 200; row++)
            {
                keys.Add(InputKey.Of([flags], row));
            }

            double[] bins = [.. reference.Features[0].ComparedOf(counts).Select(count => (double)count)];
            watch = DriftWatch.Advance(
                watch, baseline, new WatchHour(hour, 200, [bins], [1]) { Keys = keys, Records = 200 }, new MonitoringOptions());
            if (watch.Alarms.Count > 0)
            {
                return hour - (2 * Week);
            }
        }

        return null;
    }

    private Tensor Flags(int rows, double share) =>
        Numbers("flag", Datatype.Int64, [rows, 1], [.. Enumerable.Range(0, rows).Select(_ => _random.NextDouble() < share ? 1.0 : 0)]);
}
