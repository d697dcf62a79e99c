using System.Xml.Linq;
using Modeldrop.Errors;
using Modeldrop.Manifests;
using Modeldrop.Metrics.TwoSample;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Monitoring.Reports;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Registry;
using Modeldrop.Tensors;
using static Modeldrop.Tests.Predictions.LogWorld;

namespace Modeldrop.Tests.Monitoring.Reports;

public sealed class DriftPageTests(AzuriteFixture azurite)
{
    private static readonly DateTimeOffset Day = new(2026, 5, 6, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Bins_IntegersAreAscending_TextsByFrequency_AndGroupsTogether()
    {
        FeatureDrift Feature(params string[] bins) => DriftEvaluator.Evaluate(
            ReferenceProfiler.Build([Tensor.OfStrings("s", [2], ["a", "b"])], []), null, [new FeatureCounts { Bins = [1, 1, 0, 0] }],
            new())[0] with
        {
            Bins = [.. bins.Select((bin, index) => new BinShift(bin, 10 - index, 1))],
        };

        Assert.Equal(["-1", "2", "10", "(unseen)"], PageBins.Of(Feature("10", "2", "-1", "(unseen)")).Select(bin => bin.Bin));
        Assert.Equal(["JFK", "10", "(other)"], PageBins.Of(Feature("JFK", "10", "(other, group 1)", "(other, group 2)"))
            .Select(bin => bin.Bin));
        Assert.Equal(8 + 7, PageBins.Of(Feature("JFK", "10", "(other, group 1)", "(other, group 2)"))[^1].Reference);
    }

    [Fact]
    public void Evaluate_ProbabilitiesOfTwoClasses_AreOneFinding()
    {
        var random = new Random(1);
        Tensor Probabilities(int rows, double power) => Floats(
            "p", [rows, 2],
            [.. Enumerable.Range(0, rows)
                .SelectMany(_ => (float)Math.Pow(random.NextDouble(), power) is var p ? (float[])[1 - p, p] : [])]);
        ReferenceProfile reference = ReferenceProfiler.Build([], [Probabilities(4_000, 1)]);

        IReadOnlyList<FeatureDrift> features = DriftEvaluatorTestsOf(reference, Probabilities(1_000, 2));

        Assert.All(features, feature => Assert.True(feature.Drifted));
        Assert.Equal([null, "p_0"], features.Select(feature => feature.SameAs));
    }

    [Fact]
    public async Task Pages_OfAWeek_ShowWindowsBandsAndTheRequestsOfABin()
    {
        var world = new MonitoringWorld(azurite);
        await world.RegisterAsync(1);
        var random = new Random(2);
        ReferenceProfile reference = ReferenceProfiler.Build(Sample(random, 3_000, 0), [],
            policy: new MonitoringPolicy { Slices = [["carrier"]] });
        await world.Runner.References.WriteAsync(new VersionName(world.Model, 1), reference, Token);
        PredictionLog log = await world.Log.StartLogAsync();
        for (int hour = 0; hour < 96; hour++)
        {
            log.Append(world.Request(log, 1, Day.AddHours(hour), Sample(random, 40, hour < 72 ? 0 : 0.6)));
        }

        ScoredRequest odd = world.Request(log, 1, Day.AddHours(80), Sample(random, 1, 1e6));
        log.Append(odd);
        await log.StopAsync(Token);
        await world.Runner.Fold.FoldAsync(world.Model, Token);
        DriftReport report = null!;
        for (int day = 1; day <= 4; day++)
        {
            report = await world.Runner.Drift.CheckAsync(
                new VersionName(world.Model, 1), Day.AddDays(day - 1), Day.AddDays(day), DriftBaseline.Reference, Token);
        }

        var joint = new JointDriftReports(new VersionStore(world.Log.Account));
        var pages = new DriftPages(
            world.Runner.Reports, joint, world.Runner.Profiles, world.Runner.References,
            new RegistryStore(world.Log.Account, TimeProvider.System), new PredictionStore(world.Log.Account), TimeProvider.System);
        string page = await pages.RenderAsync(report, Token);
        Assert.Contains("Not compared yet.", page, StringComparison.Ordinal);
        await joint.WriteAsync(
            new JointDriftReport(
                world.Model, 1, Day, Day.AddDays(1), Day.AddDays(2), true, "The window can be distinguished from the reference", 0.05, 0.55,
                3_000, 960, 4, 9, new TwoSampleResult(0.875, 0.85, 0.9, 1e-12, 1_900, 1_960, 0.4, [new TellingFeature("delay", 0.25)])),
            Token);
        page = await pages.RenderAsync(report, Token);
        Assert.Contains("""<p class="failed">The window can be distinguished from the reference</p>""", page, StringComparison.Ordinal);
        Assert.Contains("""<th scope="row">delay</th><td class="number">0.25</td>""", page, StringComparison.Ordinal);
        Assert.Contains("9 storage transactions and 0.4 s of a child process.", page, StringComparison.Ordinal);
        string feature = await pages.RenderFeatureAsync(report, "delay", isOutput: false, report.Features[0].Bins[^1].Bin, Token);
        string category = await pages.RenderFeatureAsync(report, "dow", isOutput: false, "3", Token);

        Assert.Contains("by the end of the window", page, StringComparison.Ordinal);
        Assert.Contains("below the floor", page, StringComparison.Ordinal);
        Assert.DoesNotContain("E-", page, StringComparison.Ordinal);
        Assert.Contains("delay [carrier=AA]", page, StringComparison.Ordinal);
        Assert.Contains("Quantiles over time", feature, StringComparison.Ordinal);
        Assert.Contains(odd.Id.ToString(), feature, StringComparison.Ordinal);
        Assert.Contains("20 requests; not all of the log was read", category, StringComparison.Ordinal);
        Assert.All(PlotsOf(page + feature + category), plot => Assert.Equal("img", plot.Attribute("role")!.Value));
        ServiceException missing = await Assert.ThrowsAsync<ServiceException>(() =>
            pages.RenderFeatureAsync(report, "nothing", isOutput: false, null, Token));
        Assert.Equal(ErrorCode.FileNotFound, missing.Code);
    }

    /// <summary>scipy.stats.mstats.mquantiles of evenly spaced values gives the same; values are assumed uniform within a bin.</summary>
    [Fact]
    public void Quantile_OfUniformValues_IsExact()
    {
        ReferenceFeature feature = ReferenceProfiler.Build(
            [Numbers("x", Datatype.Fp64, [1001, 1], [.. Enumerable.Range(0, 1001).Select(value => value / 1000.0)])], []).Features[0];
        Assert.Equal(0.1, FeatureOverTime.Quantile(feature, feature.Counts, 0.1), 2e-3);
        Assert.Equal(0.5, FeatureOverTime.Quantile(feature, feature.Counts, 0.5), 2e-3);
        Assert.Equal(0.93, FeatureOverTime.Quantile(feature, feature.Counts, 0.93), 2e-3);
    }

    private static IReadOnlyList<FeatureDrift> DriftEvaluatorTestsOf(ReferenceProfile reference, Tensor tensor)
    {
        List<FeatureCounts> counts = [];
        foreach (ReferenceFeature feature in reference.Features)
        {
            FeatureCounts current = feature.EmptyCounts();
            new FeatureCounter(feature).Count(tensor, current);
            counts.Add(current);
        }

        return DriftEvaluator.Evaluate(reference, null, counts, new());
    }

    private static IEnumerable<XElement> PlotsOf(string page)
    {
        for (int at = page.IndexOf("<svg", StringComparison.Ordinal); at >= 0; at = page.IndexOf("<svg", at + 1, StringComparison.Ordinal))
        {
            yield return XElement.Parse(page[at..(page.IndexOf("</svg>", at, StringComparison.Ordinal) + "</svg>".Length)]);
        }
    }

    private static Tensor[] Sample(Random random, int rows, double shift)
    {
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return
        [
            Numbers("delay", Datatype.Fp64, [rows, 1], [.. Enumerable.Range(0, rows).Select(_ => Normal() + shift)]),
            Numbers("dow", Datatype.Int64, [rows, 1], [.. Enumerable.Range(0, rows).Select(_ => (long)random.Next(1, 8))]),
            Tensor.OfStrings("carrier", [rows, 1], [.. Enumerable.Range(0, rows).Select(_ => random.NextDouble() < 0.5 ? "AA" : "UA")]),
        ];
    }
}
