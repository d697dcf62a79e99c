using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Modeldrop.Lifecycle;
using Modeldrop.Lifecycle.Validation;
using Modeldrop.Monitoring;
using Modeldrop.Monitoring.Alerts;
using Modeldrop.Monitoring.Performance;
using Modeldrop.Predictions.Feedback;
using Modeldrop.Registry;
using Modeldrop.Tabular;
using Modeldrop.Tests.Monitoring.Performance;
using Modeldrop.Tests.Registry;

namespace Modeldrop.Tests.Lifecycle;

/// <summary>Champions are judged by what turned out to be true, window by window.</summary>
public sealed class DegradationCheckTests(AzuriteFixture azurite)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Check_AWinterWithMoreLateFlights_IsToldOnceAndRolledBackOnce()
    {
        using PerformanceWorld world = await PerformanceWorld.StartAsync(azurite);
        await world.Kit.Registry.Service.MoveAliasAsync(PerformanceWorld.Flights, AliasName.Champion, 1, null, RegistryKit.By("promote"), Token);
        Table[] hours = [.. (await PerformanceWorld.StreamAsync()).Where(hour => string.CompareOrdinal(hour.FindColumn("ts")!.Values[0], "2001-02-13") < 0)];
        IReadOnlyList<FeedbackEntry> labels = await world.LogAsync(hours, live: true);
        List<string> started = [];

        DegradationCheck check = Check(world, new FakeTimeProvider(new DateTimeOffset(2001, 2, 13, 0, 30, 0, TimeSpan.Zero)));
        await world.TellAsync([.. labels.Take(2)]);
        await check.CheckAllAsync(Start, Token);
        Assert.Empty(await ToldAsync(world));

        await world.TellAsync(labels);
        await check.CheckAllAsync(Start, Token);
        await check.CheckAllAsync(Start, Token);

        // Two days between are as at the validation. That no flight was called late on them is no precision of 0.
        Alert[] told = [.. (await ToldAsync(world)).Where(alert => alert.Kind == AlertKind.Degraded).Reverse()];
        Assert.Equal([false, true, false], told.Select(alert => alert.Resolved));
        Assert.StartsWith("Version 1 of 'flights' answers worse from 2001-02-08 00:00:00Z to 2001-02-09 00:00:00Z: ", told[0].Summary, StringComparison.Ordinal);
        Assert.Contains("log_loss is ", told[0].Summary, StringComparison.Ordinal);
        Assert.EndsWith("answers as at its validation again, from 2001-02-10 00:00:00Z to 2001-02-11 00:00:00Z.", told[1].Summary, StringComparison.Ordinal);
        Assert.StartsWith("Version 1 of 'flights' answers worse from 2001-02-12 00:00:00Z", told[2].Summary, StringComparison.Ordinal);
        Assert.All(told, alert => Assert.DoesNotContain("precision", alert.Summary, StringComparison.Ordinal));
        Assert.Empty(started);

        Task Start(string operation, RollBackInput input)
        {
            started.Add(operation);
            return Task.CompletedTask;
        }
    }

    [Fact]
    public void Worse_NeedsTheWholeIntervalBeyondTheFloor()
    {
        var policy = new ValidationPolicy { Metrics = new Dictionary<string, MetricBounds> { ["f1"] = new(0.5, null, null) } };
        Dictionary<string, double> before = new() { ["roc_auc"] = 0.8, ["log_loss"] = 0.4, ["accuracy"] = 0.9 };
        var window = new Dictionary<string, MetricValue>
        {
            ["roc_auc"] = new(0.75, 0.72, 0.779), ["log_loss"] = new(0.5, 0.439, 0.6), ["accuracy"] = new(0.85, 0.82, 0.881), ["f1"] = new(0.4, 0.3, 0.49), ["recall"] = new(0.1, null, null),
        };

        Assert.Equal(
            ["f1 is 0.4000 (0.3000 to 0.4900), the manifest asks for at least 0.5.", "roc_auc is 0.7500 (0.7200 to 0.7790), at validation it was 0.8000."],
            DegradationCheck.Worse(window, before, policy));
        window["log_loss"] = new(0.5, 0.441, 0.6);
        Assert.Equal(3, DegradationCheck.Worse(window, before, policy).Count);
    }

    private static async Task<IReadOnlyList<Alert>> ToldAsync(PerformanceWorld world) =>
        (await new AlertStore(world.Kit.Registry.Account, TimeProvider.System).ListAsync(PerformanceWorld.Flights, null, null, null, 50, null, Token)).Alerts;

    private static DegradationCheck Check(PerformanceWorld world, TimeProvider clock)
    {
        RegistryKit kit = world.Kit.Registry;
        return new DegradationCheck(
            kit.Store, kit.Versions, world.Service, new JudgedWindows(kit.Account, world.Feedback), new ValidationReports(kit.Versions), new AlertStore(kit.Account, TimeProvider.System),
            new ChampionRollBack(kit.Service, NullLogger<ChampionRollBack>.Instance), Options.Create(new MonitoringOptions()), clock, NullLogger<DegradationCheck>.Instance);
    }
}
