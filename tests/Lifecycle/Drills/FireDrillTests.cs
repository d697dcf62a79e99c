using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Modeldrop.Errors;
using Modeldrop.Lifecycle.Drills;
using Modeldrop.Lifecycle.Validation;
using Modeldrop.Monitoring;
using Modeldrop.Names;
using Modeldrop.Predictions.Feedback;
using Modeldrop.Site.Models;
using Modeldrop.Storage;
using Modeldrop.Tabular;
using Modeldrop.Tests.Monitoring.Performance;
using Modeldrop.Tests.Registry;
using Modeldrop.Tests.Site;

namespace Modeldrop.Tests.Lifecycle.Drills;

/// <summary>A drill on two weeks of logged flights with feedback.</summary>
public sealed class FireDrillTests(AzuriteFixture azurite)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RunAsync_FlightsOfTwoWeeks_ReportsAlarmsAndDetections()
    {
        using PerformanceWorld world = await PerformanceWorld.StartAsync(azurite);
        RegistryKit kit = world.Kit.Registry;
        await kit.Service.MoveAliasAsync(PerformanceWorld.Flights, AliasName.Champion, 1, null, RegistryKit.By("promote"), Token);
        Table[] hours = [.. (await PerformanceWorld.StreamAsync())
            .Where(hour => string.CompareOrdinal(hour.FindColumn("ts")!.Values[0], "2001-02-22") < 0)];
        IReadOnlyList<FeedbackEntry> labels = await world.LogAsync(hours, live: true);
        await world.TellAsync(labels);
        await world.Fold.FoldAsync(PerformanceWorld.Flights, Token);
        var reports = new DrillReports(kit.Versions);
        ModelPageService page = SiteServices.ModelPage(kit.Account, TimeProvider.System);
        Assert.Null((await page.FindAsync(PerformanceWorld.Flights, 1, "", Token))!.Drill!.RanAt);

        DrillReport report = await Drill(world, reports).RunAsync(
            new VersionName(PerformanceWorld.Flights, 1), TimeSpan.FromSeconds(1.5), Token);

        Assert.Empty(report.Notes);
        Assert.Equal(14, report.Drift!.Days);
        Assert.InRange(report.Drift.Streams, 1, DriftDrill.MaxStreams);
        Assert.InRange(report.Drift.AlarmsAtMost, (double)report.Drift.Alarms / report.Drift.Streams, 1);
        Assert.Equal(14, report.Labels!.Windows);
        Assert.Equal(28, report.Labels.WindowsOfFourWeeks);
        Assert.True(report.Labels.Flipped.Seen >= report.Labels.Alarms, report.Summary);
        Assert.StartsWith($"Of {report.Drift.Streams} streams of four weeks", report.Summary, StringComparison.Ordinal);
        Assert.Equal(
            JsonSerializer.Serialize(report, StoredJson.Options),
            JsonSerializer.Serialize(await reports.FindAsync(new VersionName(PerformanceWorld.Flights, 1), Token), StoredJson.Options));
        Assert.Equal(report.Summary, (await page.FindAsync(PerformanceWorld.Flights, 1, "", Token))!.Drill!.Summary);
    }

    [Fact]
    public async Task RunAsync_WithoutTraffic_StatesWhatItNeeds()
    {
        using PerformanceWorld world = await PerformanceWorld.StartAsync(azurite);
        DrillReport report = await Drill(world, new DrillReports(world.Kit.Registry.Versions))
            .RunAsync(new VersionName(PerformanceWorld.Flights, 1), TimeSpan.FromSeconds(1), Token);

        Assert.Equal((null, null), (report.Drift, report.Labels));
        Assert.Equal("Drift detection could not be tested. Degradation detection could not be tested.", report.Summary);
        Assert.Equal(
            [
                "The log has 0 whole days of traffic of this version in the last 8 weeks; streams need 7. "
                    + "Run the drill again when there are enough.",
                "0 windows of the last 8 weeks have 100 labelled rows or more; a drill with labels needs 7.",
            ],
            report.Notes);
        ServiceException missing = await Assert.ThrowsAsync<ServiceException>(() =>
            Drill(world, new DrillReports(world.Kit.Registry.Versions)).RunAsync(
                new VersionName(PerformanceWorld.Flights, 9), TimeSpan.Zero, Token));
        Assert.Equal(ErrorCode.VersionNotFound, missing.Code);
    }

    private static FireDrill Drill(PerformanceWorld world, DrillReports reports)
    {
        RegistryKit kit = world.Kit.Registry;
        return new FireDrill(
            kit.Versions, world.Kit.Profiles, world.Profiles, world.Drift, world.Service, new ValidationReports(kit.Versions), reports,
            Options.Create(new MonitoringOptions()), new CountingClock(), NullLogger<FireDrill>.Instance);
    }

    /// <summary>A clock that advances by a millisecond with each read, so that a drill takes the same time on any machine.</summary>
    private sealed class CountingClock : TimeProvider
    {
        private long _looks;

        public override long TimestampFrequency => 1_000;

        public override DateTimeOffset GetUtcNow() => new(2001, 2, 22, 0, 30, 0, TimeSpan.Zero);

        public override long GetTimestamp() => Interlocked.Increment(ref _looks);
    }
}
