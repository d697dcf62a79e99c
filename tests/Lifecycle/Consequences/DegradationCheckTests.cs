using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Modeldrop.Lifecycle.Consequences;
using Modeldrop.Lifecycle.Rollouts;
using Modeldrop.Lifecycle.Validation;
using Modeldrop.Manifests;
using Modeldrop.Metrics;
using Modeldrop.Monitoring;
using Modeldrop.Monitoring.Alerts;
using Modeldrop.Monitoring.Performance;
using Modeldrop.Names;
using Modeldrop.Predictions.Feedback;
using Modeldrop.Tabular;
using Modeldrop.Tests.Lifecycle.Operations;
using Modeldrop.Tests.Monitoring.Performance;
using Modeldrop.Tests.Registry;

namespace Modeldrop.Tests.Lifecycle.Consequences;

/// <summary>Champions are judged by feedback, window by window.</summary>
public sealed class DegradationCheckTests(AzuriteFixture azurite)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Check_AWinterWithMoreLateFlights_NotifiesOnceAndRollsBackOnce()
    {
        using PerformanceWorld world = await PerformanceWorld.StartAsync(azurite);
        await world.Kit.Registry.Service.MoveAliasAsync(
            PerformanceWorld.Flights, AliasName.Champion, 1, null, RegistryKit.By("promote"), Token);
        Table[] hours = [
            .. (await PerformanceWorld.StreamAsync()).Where(
                hour => string.CompareOrdinal(hour.FindColumn("ts")!.Values[0], "2001-02-13") < 0)];
        IReadOnlyList<FeedbackEntry> labels = await world.LogAsync(hours, live: true);
        var operations = new RecordedOperations();

        DegradationCheck check = Check(world, new FakeTimeProvider(new DateTimeOffset(2001, 2, 13, 0, 30, 0, TimeSpan.Zero)));
        await world.TellAsync([.. labels.Take(2)]);
        await check.CheckAllAsync(operations, Token);
        Assert.Empty(await ToldAsync(world));

        await world.TellAsync(labels);
        await check.CheckAllAsync(operations, Token);
        await check.CheckAllAsync(operations, Token);

        // Two days in between are as at the validation. No flight was predicted late on them, which is not a precision of 0.
        Alert[] told = [.. (await ToldAsync(world)).Where(alert => alert.Kind == AlertKind.Degraded).Reverse()];
        Assert.Equal([false, true, false], told.Select(alert => alert.Resolved));
        Assert.StartsWith(
            "Version 1 of 'flights' answers worse from 2001-02-08 00:00:00Z to 2001-02-09 00:00:00Z: ", told[0].Summary,
            StringComparison.Ordinal);
        Assert.Contains("log_loss is ", told[0].Summary, StringComparison.Ordinal);
        Assert.EndsWith(
            "again answers as well as at its validation, from 2001-02-10 00:00:00Z to 2001-02-11 00:00:00Z.", told[1].Summary,
            StringComparison.Ordinal);
        Assert.StartsWith("Version 1 of 'flights' answers worse from 2001-02-12 00:00:00Z", told[2].Summary, StringComparison.Ordinal);
        Assert.All(told, alert => Assert.DoesNotContain("precision", alert.Summary, StringComparison.Ordinal));
        Alert target = (await ToldAsync(world)).Last(alert => alert.Kind == AlertKind.TargetDrift);
        Assert.False(target.Resolved);
        Assert.Matches(@"from 2001-02-\d\d .* of the labels are '1'; at the validation \d+\.\d % were \(p = .*\)\.$", target.Summary);
        Assert.Empty(operations.Started);
    }

    [Fact]
    public void Worse_ComparesTwoSamplesAndAppliesTheBoundsOfTheManifest()
    {
        var policy = new ValidationPolicy { Metrics = new Dictionary<string, MetricBounds> { ["f1"] = new(0.5, null, null) } };
        Dictionary<string, MetricInterval> before = new()
        {
            ["roc_auc"] = new MetricEvidence(EvidenceKind.Area, 0.8, 400, 600).Interval(0.025),
            ["log_loss"] = new MetricEvidence(EvidenceKind.Mean, 0.4, 0.01, 1_000).Interval(0.025),
            ["accuracy"] = MetricEvidence.Share(900, 1_000)!.Interval(0.025),
        };

        IReadOnlyList<string> worse = DegradationCheck.Worse(
            Window(
                ("roc_auc", new MetricEvidence(EvidenceKind.Area, 0.65, 400, 600)),
                ("log_loss", new MetricEvidence(EvidenceKind.Mean, 0.45, 0.01, 1_000)),
                ("accuracy", MetricEvidence.Share(860, 1_000)), ("f1", MetricEvidence.Overlap(100, 600)),
                ("recall", MetricEvidence.Share(1, 100))),
            before, policy, 0.01);

        Assert.Equal(
            ["f1 is 0.2857 (0.2421 to 0.3319); the manifest requires at least 0.5.",
                "roc_auc is 0.6500 (0.6146 to 0.6835); at validation it was 0.8000."], worse);
    }

    /// <summary>It grows with fewer rows, even for a model whose probabilities are right.</summary>
    [Fact]
    public void Worse_CalibrationErrorOfFewRows_HasNoVerdict()
    {
        var policy = new ValidationPolicy { Metrics = new Dictionary<string, MetricBounds> { ["calibration_error"] = new(
            null, 0.02, null) } };
        Dictionary<string, MetricInterval> before = new() { ["calibration_error"] = new MetricEvidence(
            EvidenceKind.Resampled, 0.01, 0.002, 8_000).Interval(0.025) };

        Assert.Empty(DegradationCheck.Worse(
            Window(("calibration_error", new MetricEvidence(EvidenceKind.Resampled, 0.2, 0.01, 100))), before, policy, 0.01));
    }

    private static Dictionary<string, MetricValue> Window(params (string Name, MetricEvidence? Evidence)[] metrics) => metrics.ToDictionary(
        metric => metric.Name,
        metric => new MetricValue(metric.Evidence!.Value, metric.Evidence.Lower(0.025), metric.Evidence.Upper(0.025), metric.Evidence));

    private static async Task<IReadOnlyList<Alert>> ToldAsync(PerformanceWorld world) =>
        (await new AlertStore(world.Kit.Registry.Account, TimeProvider.System)
            .ListAsync(new AlertQuery(50, PerformanceWorld.Flights), Token)).Alerts;

    private static DegradationCheck Check(PerformanceWorld world, TimeProvider clock)
    {
        RegistryKit kit = world.Kit.Registry;
        return new DegradationCheck(
            kit.Store, kit.Versions, world.Service, new JudgedWindows(kit.Account, world.Feedback), new ValidationReports(kit.Versions),
            new AlertStore(kit.Account, TimeProvider.System),
            new ChampionRollBack(kit.Service, NullLogger<ChampionRollBack>.Instance), Options
                .Create(new MonitoringOptions()), clock, NullLogger<DegradationCheck>.Instance);
    }
}
