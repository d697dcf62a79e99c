using Modeldrop.Manifests;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Tensors;
using static Modeldrop.Tests.Predictions.LogWorld;

namespace Modeldrop.Tests.Monitoring.Drift;

public sealed class SliceTests(AzuriteFixture azurite)
{
    private static readonly DateTimeOffset Noon = new(2026, 5, 6, 12, 0, 0, TimeSpan.Zero);

    private static readonly MonitoringPolicy Policy = new() { Slices = [["carrier"], ["carrier", "night"]] };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fold_SlicesOfOneAndTwoInputs_CountOnlyTheirRows()
    {
        var random = new Random(1);
        var world = new MonitoringWorld(azurite);
        Tensor[] rows = Sample(random, 1_000, changed: false);
        await world.RegisterAsync(1);
        ReferenceProfile reference = await world.Runner.References.WriteAsync(new VersionName(world.Model, 1),
            ReferenceProfiler.Build(rows, [], policy: Policy), Token);
        Assert.Equal(["carrier=A", "carrier=B", "carrier=A, night=0", "carrier=A, night=1", "carrier=B, night=0"],
            reference.Slices.Select(slice => slice.Label));
        // C has too few rows for a verdict.
        Assert.DoesNotContain(reference.Slices, slice => slice.Values[0] == "C");
        string[] strings = rows[0].Strings!;
        Assert.Equal(strings.Count(text => text == "A"),
            reference.Features.Single(feature => feature.Feature.Name == "delay [carrier=A]").Counts.Total());

        PredictionLog log = await world.Log.StartLogAsync();
        for (int row = 0; row < 1_000; row += 250)
        {
            log.Append(world.Request(log, 1, Noon, [.. rows.Select(tensor => tensor.RowsOf(row, 250))]));
        }

        await log.StopAsync(Token);
        await world.Runner.Fold.FoldAsync(world.Model, Token);

        HourRow hour = Assert.Single(await world.HoursAsync(1));
        Assert.Equal(reference.Features.Select(feature => feature.Counts.Bins), hour.Profile.Features.Select(counts => counts.Bins));

        DriftReport report = await world.Runner.Drift.CompareAsync(
            new VersionName(world.Model, 1), Noon, Noon.AddHours(1), DriftBaseline.Reference, Token);
        Assert.False(report.Drifted);
        Assert.Equal("carrier=A", report.Features.Single(feature => feature.Name == "delay [carrier=A]").Slice);
    }

    [Fact]
    public void Evaluate_ChangeInOneSlice_IsFoundInThisSlice()
    {
        var random = new Random(2);
        int found = 0;
        int whole = 0;
        int others = 0;
        for (int check = 0; check < 10; check++)
        {
            ReferenceProfile reference = ReferenceProfiler.Build(Sample(random, 6_000, changed: false), [], policy: Policy);
            IReadOnlyList<FeatureDrift> features = Evaluate(reference, Sample(random, 3_000, changed: true));
            found += features.Single(feature => feature.Name == "delay [carrier=B]").Drifted ? 1 : 0;
            whole += features.Single(feature => feature.Name == "delay").Drifted ? 1 : 0;
            others += features.Count(feature => feature.Drifted && feature.Slice?.Contains("carrier=A", StringComparison.Ordinal) == true);
        }

        Assert.Equal((10, 0), (found, others));
        // A fifth of the rows moved by 0.6, which is an eighth of a deviation over all rows, below the floor.
        Assert.InRange(whole, 0, 1);
    }

    [Fact]
    public void Evaluate_UnchangedSlices_RarelyAlarm()
    {
        var random = new Random(3);
        int alarms = 0;
        for (int check = 0; check < 100; check++)
        {
            ReferenceProfile reference = ReferenceProfiler.Build(Sample(random, 3_000, changed: false), [], policy: Policy);
            alarms += Evaluate(reference, Sample(random, 1_000, changed: false)).Any(feature => feature.Drifted) ? 1 : 0;
        }

        // Stated: 1 in 100; 5 or more have a probability of 0.3 %.
        Assert.InRange(alarms, 0, 4);
    }

    /// <summary>Counted like a reference; the first test compares the fold with that.</summary>
    private static IReadOnlyList<FeatureDrift> Evaluate(ReferenceProfile reference, Tensor[] rows)
    {
        string[] carriers = rows[0].Strings!;
        long[] nights = new long[carriers.Length];
        Elements.ToLongs(Datatype.Int64, rows[1].Data.Span, 0, 1, nights);
        List<FeatureCounts> counts = [];
        foreach (ReferenceFeature feature in reference.Features)
        {
            SliceGroup? slice = feature.Feature.Slice < 0 ? null : reference.Slices[feature.Feature.Slice];
            int[] members = [.. Enumerable.Range(0, carriers.Length).Where(row => slice is null
                || (carriers[row] == slice.Values[0]
                    && (slice.Values.Count < 2
                    || nights[row] == long.Parse(slice.Values[1], System.Globalization.CultureInfo.InvariantCulture))))];
            FeatureCounts current = feature.EmptyCounts();
            new FeatureCounter(feature)
                .Count(CategoryBins.Rows(rows.Single(tensor => tensor.Name == feature.Feature.Tensor), members), current);
            counts.Add(current);
        }

        return DriftEvaluator.Evaluate(reference, null, counts, new Modeldrop.Monitoring.MonitoringOptions());
    }

    private static Tensor[] Sample(Random random, int rows, bool changed)
    {
        string[] carriers = [.. Enumerable.Range(0, rows)
            .Select(_ => random.NextDouble() switch { < 0.76 => "A", < 0.97 => "B", _ => "C" })];
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return
        [
            Tensor.OfStrings("carrier", [rows, 1], carriers),
            Numbers("night", Datatype.Int64, [rows, 1], [.. Enumerable.Range(0, rows).Select(_ => random.NextDouble() < 0.3 ? 1L : 0)]),
            Numbers("delay", Datatype.Fp64, [rows, 1], [.. carriers.Select(carrier => Normal() + (changed && carrier == "B" ? 0.6 : 0))]),
        ];
    }
}
