using Modeldrop.Lifecycle.Drills;
using Modeldrop.Metrics;
using Modeldrop.Monitoring;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Monitoring.Watch;
using Modeldrop.Tensors;
using static Modeldrop.Tests.Predictions.LogWorld;

namespace Modeldrop.Tests.Monitoring.Drift;

/// <summary>Many rows without a log: which element is drawn, how often unchanged rows alarm, and the drill.</summary>
public sealed partial class VaryingWidthTests
{
    [Fact]
    public void ValuesOf_ManyRows_DrawsAllPositionsEvenly()
    {
        var random = new Random(8);
        // The value of an element is its position, but for the last one, which makes the rows differ.
        Tensor rows = Numbers("t", Datatype.Int64, [12_000, 6],
            [.. Enumerable.Range(0, 12_000 * 6).Select(element => element % 6 == 5 ? 5 + (6L * random.Next()) : element % 6)]);
        Tensor drawn = VaryingRows.ValuesOf(rows, Feature.OfVarying("t", isOutput: false)[(int)RowValue.Element]);
        int[] counts = [.. Enumerable.Range(0, 6).Select(position =>
            Enumerable.Range(0, 12_000).Count(row => TensorValues.Number(drawn, row) % 6 == position))];
        // 2,000 are expected in each; the standard deviation is 41.
        Assert.All(counts, count => Assert.InRange(count, 1_835, 2_165));
    }

    /// <summary>Rows are made of one topic each: their elements are alike, so as many independent values would be far too many.</summary>
    [Fact]
    public void Evaluate_UnchangedRows_RarelyAlarm_AndChangesAreSeen()
    {
        var random = new Random(15);
        (int alarms, int longer, int shifted, int others) = (0, 0, 0, 0);
        for (int check = 0; check < 100; check++)
        {
            ReferenceProfile reference = ReferenceProfiler.Build(Parts(random, 1_000, 1, 0), Varying, null);
            alarms += Evaluate(reference, Parts(random, 500, 1, 0)).Any(feature => feature.Drifted || feature.Issues.Count > 0) ? 1 : 0;
            IReadOnlyList<FeatureDrift> three = Evaluate(reference, Parts(random, 500, 3, 0));
            IReadOnlyList<FeatureDrift> moved = Evaluate(reference, Parts(random, 500, 1, 1));
            (longer, shifted) = (longer + (three[1].Drifted ? 1 : 0), shifted + (moved[0].Drifted ? 1 : 0));
            others += (three[0].Drifted ? 1 : 0) + (moved[1].Drifted ? 1 : 0);
        }

        // Stated: at most 1 % of the checks. More than 4 of 100 occur in 0.3 % of runs.
        Assert.InRange(alarms, 0, 4);
        Assert.Equal((100, 100), (longer, shifted));
        Assert.InRange(others, 0, 4);
    }

    [Fact]
    public void Drill_OfVaryingInput_ChangesItsElementsAndItsWidth()
    {
        var random = new Random(18);
        ReferenceProfile reference = ReferenceProfiler.Build(Parts(random, 2_000, 1, 0), Varying, null);
        HourRow[] hours = [.. Enumerable.Range(20_000 * 24, 8 * 24).Select(hour =>
        {
            HourProfile profile = HourProfile.Empty(reference);
            CountIn(profile, reference, Parts(random, 60, 1, 0));
            return new HourRow(hour, 0, profile);
        })];
        int looks = 0;
        (int streams, int alarms, _, IReadOnlyList<ChangeDrillResult> changes) = new DriftDrill(reference, hours,
            DriftWatch.BaselineOf(reference, null, ofLog: false), new MonitoringOptions()).Run(1, () => ++looks > 2_500, Token);

        Assert.True(streams > 1 && alarms == 0, $"{alarms} of {streams}");
        Assert.Equal(["t~element", "t~width"], changes.SelectMany(change => change.Inputs).Distinct().Order());
        ChangeDrillResult unit = changes.Single(change => change.Change == DrillChange.Unit);
        Assert.Equal((streams, streams), (unit.Streams, unit.Drift.Seen));
    }

    private static IReadOnlyList<FeatureDrift> Evaluate(ReferenceProfile reference, IReadOnlyList<ReferencePart> window)
    {
        HourProfile hour = HourProfile.Empty(reference);
        CountIn(hour, reference, window);
        return DriftEvaluator.Evaluate(reference, null, hour.Features, new MonitoringOptions());
    }

    private static void CountIn(HourProfile hour, ReferenceProfile reference, IReadOnlyList<ReferencePart> window)
    {
        foreach ((int index, ReferenceFeature feature) in reference.Features.Index())
        {
            var counter = new FeatureCounter(feature);
            foreach (ReferencePart part in window)
            {
                counter.Count(VaryingRows.ValuesOf(part.Inputs[0], feature.Feature), hour.Features[index]);
            }
        }

        hour.Rows += window.Count;
        hour.Records += window.Count;
    }

    private static ReferencePart[] Parts(Random random, int rows, int longer, long shift) =>
        [.. Enumerable.Range(0, rows).Select(_ => new ReferencePart([Row(random, 1, longer * (1 + random.Next(12)), shift)], []))];
}
