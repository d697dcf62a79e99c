using System.Text.Json;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Modeldrop.Monitoring.Alerts;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Scoring.Failures;
using Modeldrop.Site.Models;
using Modeldrop.Storage;
using Modeldrop.Tests.Predictions;

namespace Modeldrop.Tests.Site.Models;

public sealed class ModelListServiceTests(AzuriteFixture azurite)
{
    private const int Models = 60;
    private const int Queries = 3;
    private static readonly DateTimeOffset Noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private static JsonElement Figures => JsonSerializer.SerializeToElement(new { rows = 1 });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ListAsync_ManyModels_CostsThreeQueriesAndAtMostThreeReadsForEachModelOnThePage()
    {
        (FaultPolicy requests, _, ModelListService list) = await StartAsync();

        List<ModelRow> rows = [];
        foreach ((int page, int shown, int champions) in ((int, int, int)[])[(1, 25, 0), (2, 25, 1), (3, 10, 0)])
        {
            int before = requests.Requests;
            ModelListView view = await list.ListAsync(new ModelListQuery(Page: page), _ => true, Token);
            Assert.Equal(
                (page, 3, Models, shown, Queries + shown + (2 * champions)),
                (view.Page, view.Pages, view.Total, view.Models.Count, requests.Requests - before));
            rows.AddRange(view.Models);
        }

        Assert.Equal(Enumerable.Range(0, Models).Select(number => NameOf(number).Value), rows.Select(row => row.Head.Name.Value));
        ModelRow serving = Assert.Single(rows, row => row.Traffic is not null);
        Assert.Equal((NameOf(30).Value, "It drifts."), (serving.Head.Name.Value, serving.Drift!.Summary));
        Assert.Equal((1, 2), (serving.Drift.Drifted, serving.Drift.Features));
        Assert.Equal((7, 5), (serving.Traffic!.Requests[^1], serving.Traffic.Requests[^3]));
        Assert.Equal((12, 2), (serving.Traffic.Requests.Sum(), serving.Traffic.Failures.Sum()));
        Assert.Equal(2, serving.Traffic.Failures[^2]);
        Assert.Equal(AlertKind.Degraded, Assert.Single(serving.Raised).Kind);
        Assert.IsType<AliasMoved>(serving.Last);
        Assert.Equal(3, (await list.ListAsync(new ModelListQuery(Page: 99), _ => true, Token)).Page);
    }

    [Theory]
    [InlineData("MODEL-00", null, ModelFilter.All, 10)]
    [InlineData(null, "team=ops", ModelFilter.All, 1)]
    [InlineData(null, "team", ModelFilter.All, 1)]
    [InlineData(null, "team=other", ModelFilter.All, 0)]
    [InlineData(null, null, ModelFilter.Serving, 1)]
    [InlineData(null, null, ModelFilter.Idle, 59)]
    [InlineData(null, null, ModelFilter.Drifted, 1)]
    [InlineData(null, null, ModelFilter.Alerting, 1)]
    [InlineData(null, null, ModelFilter.RollingOut, 0)]
    [InlineData(null, null, ModelFilter.Archived, 1)]
    public async Task ListAsync_Filter_ShowsOnlyMatchingModels(string? search, string? tag, ModelFilter filter, int expected)
    {
        (_, StorageAccount account, ModelListService list) = await StartAsync();
        var registry = new RegistryStore(account, TimeProvider.System);
        await registry.AppendAsync(ModelName.Parse("zz-old"), _ => [new ModelDescribed("", null) { Actor = Actor.System }], Token);
        await registry.AppendAsync(ModelName.Parse("zz-old"), _ => [new ModelArchived(true) { Actor = Actor.System }], Token);

        Assert.Equal(expected, (await list.ListAsync(new ModelListQuery(search, tag, filter), _ => true, Token)).Total);
    }

    [Fact]
    public async Task ListAsync_EmptyInstallation_IsReportedAsEmptyForOneRequest()
    {
        var requests = new FaultPolicy();
        var account = new StorageAccount(Options.Create(new LogWorld(azurite).Settings), [requests]);
        int before = requests.Requests;

        ModelListView view = await SiteServices.ModelList(account, TimeProvider.System).ListAsync(new ModelListQuery(), _ => true, Token);

        Assert.True(view.IsEmpty);
        Assert.Equal(1, requests.Requests - before);
    }

    /// <summary>Sixty models, one of which serves, drifts and has an alert.</summary>
    private async Task<(FaultPolicy Requests, StorageAccount Account, ModelListService List)> StartAsync()
    {
        var requests = new FaultPolicy();
        var account = new StorageAccount(Options.Create(new LogWorld(azurite).Settings), [requests]);
        var clock = new FakeTimeProvider(Noon);
        var registry = new RegistryStore(account, clock);
        var drift = new DriftStore(account);
        for (int number = 0; number < Models; number++)
        {
            Dictionary<string, string>? tags = number == 5 ? new() { ["team"] = "ops" } : null;
            await registry.AppendAsync(NameOf(number), _ => [new ModelDescribed("", tags) { Actor = Actor.System }], Token);
        }

        await registry.AppendAsync(NameOf(30), _ =>
        [
            new VersionRegistered(1, "d1", "m1") { Actor = Actor.System },
            new AliasMoved("champion", null, 1, RolledBack: false) { Actor = Actor.System },
        ], Token);
        await drift.WriteAsync(NameOf(30), DriftSamples.Report(new VersionName(NameOf(30), 1), "It drifts."), Token);
        await drift.WriteAsync(NameOf(30), DriftSamples.Report(new VersionName(NameOf(30), 2), "Of a version that does not serve."), Token);
        await drift.WriteAsync(NameOf(31), DriftSamples.Report(new VersionName(NameOf(31), 1), "Of a model without a champion."), Token);
        await new AlertStore(account, clock).RaiseAsync(new VersionName(NameOf(30), 1), AlertKind.Degraded, "Worse.", Figures, null, Token);
        await new AlertStore(account, clock).RaiseAsync(
            new VersionName(NameOf(30), 2), AlertKind.Drift, "Of another version.", Figures, null, Token);
        long hour = Hours.Floor(Noon);
        var profiles = new ProfileStore(account);
        await profiles.ApplyAsync(new VersionName(NameOf(30), 1), 1, new Dictionary<long, HourProfile>
        {
            [hour] = Hour(7),
            [hour - 2] = Hour(5),
            [hour - 24] = Hour(100),
        }, Token);
        var failures = new FailureStore(account);
        await failures.WriteAsync(new FailureHour(new VersionName(NameOf(30), 1), hour - 1), "w", 2, Token);
        await failures.WriteAsync(new FailureHour(new VersionName(NameOf(30), 1), hour - 24), "w", 50, Token);
        return (requests, account, SiteServices.ModelList(account, clock));
    }

    private static HourProfile Hour(long requests)
    {
        var profile = HourProfile.Empty(null);
        profile.Records = requests;
        return profile;
    }

    private static ModelName NameOf(int number) => ModelName.Parse($"model-{number:d3}");
}
