using Modeldrop.Lifecycle.Drills;
using Modeldrop.Monitoring;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Monitoring.Watch;
using Modeldrop.Tensors;
using static Modeldrop.Tests.Predictions.LogWorld;

namespace Modeldrop.Tests.Lifecycle.Drills;

/// <summary>Streams made of whole days of the log.</summary>
public sealed class DriftDrillTests
{
    // A Thursday.
    private const long From = 20_000 * 24;

    private readonly Random _random = new(3);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Run_TrafficWithDaysAndWeekends_RaisesNoAlarm_AndChangesAreDetected()
    {
        DriftDrill drill = Drill(days: 15, hour => Math.Sin(hour * Math.PI / 12) - (IsWeekend(hour) ? 1 : 0));
        int looks = 0;
        (int streams, int alarms, int quality, IReadOnlyList<ChangeDrillResult> changes) = drill.Run(1, () => ++looks > 2_500, Token);

        Assert.Equal(15, drill.Days);
        Assert.InRange(streams, 2, 6);
        Assert.Equal((0, 0), (alarms, quality));
        ChangeDrillResult Of(DrillChange change) => changes.Single(one => one.Change == change);
        Assert.Equal(Enum.GetValues<DrillChange>(), changes.Select(one => one.Change));
        Assert.Equal(["x"], Of(DrillChange.Shift).Inputs);
        Assert.Equal((streams, streams), (Of(DrillChange.Unit).Streams, Of(DrillChange.Unit).Drift.Seen));
        Assert.InRange(Of(DrillChange.Unit).Drift.Median!.Value, 2, 8);
        Assert.InRange(Of(DrillChange.Shift).Drift.Median!.Value, 2, 72);

        // A missing value is not a new value: data quality reports it, drift does not.
        Assert.Equal((0, streams), (Of(DrillChange.Missing).Drift.Seen, Of(DrillChange.Missing).Quality.Seen));
        Assert.InRange(Of(DrillChange.Missing).Quality.Median!.Value, 1, 24);
        Assert.Equal(0, Of(DrillChange.NewCategory).Streams);
    }

    [Fact]
    public void Run_TrafficUnlikeTheReference_AlarmsInAllStreams()
    {
        DriftDrill drill = Drill(days: 8, _ => 3);
        int looks = 0;
        (int streams, int alarms, _, IReadOnlyList<ChangeDrillResult> changes) = drill.Run(1, () => ++looks > 40, Token);

        Assert.True(streams > 0 && alarms == streams, $"{alarms} of {streams}");
        Assert.All(changes, change => Assert.Equal(0, change.Streams));
    }

    [Fact]
    public void Run_WithoutTimeForAStream_HasNoResult()
    {
        (int streams, int alarms, _, IReadOnlyList<ChangeDrillResult> changes) = Drill(days: 8, _ => 0).Run(1, () => true, Token);
        Assert.Equal((0, 0), (streams, alarms));
        Assert.All(changes, change => Assert.Equal((0, 0), (change.Streams, change.Drift.Seen)));
    }

    private static bool IsWeekend(long hour) => WatchStep.CellOf(hour) / 24 >= 5;

    private DriftDrill Drill(int days, Func<long, double> mean)
    {
        // The reference has whole weeks of traffic with daily patterns.
        Func<long, double> season = mean(From) == mean(From + 12) ? _ => 0 : mean;
        ReferenceProfile reference = ReferenceProfiler.Build(
            [Numbers("x", Datatype.Fp64, [8400, 1], [.. Enumerable.Range(0, 8400).Select(row => season(From + (row % 168)) + Gauss())])],
            []);
        List<HourRow> hours = [];
        for (long hour = From; hour < From + (days * 24); hour++)
        {
            HourProfile profile = HourProfile.Empty(reference);
            (profile.Records, profile.Rows) = (100, 100);
            Tensor rows = Numbers("x", Datatype.Fp64, [100, 1], [.. Enumerable.Range(0, 100).Select(_ => mean(hour) + Gauss())]);
            new FeatureCounter(reference.Features[0]).Count(rows, profile.Features[0]);
            for (int row = 0; row < 100; row++)
            {
                profile.Keys.Add(InputKey.Of([rows], row));
            }

            hours.Add(new HourRow(hour, 0, profile));
        }

        return new DriftDrill(reference, hours, DriftWatch.BaselineOf(reference, null, ofLog: false), new MonitoringOptions());
    }

    private double Gauss() => Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());
}
