using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Modeldrop.Errors;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Lifecycle.Replay;
using Modeldrop.Lifecycle.Shadow;
using Modeldrop.Lifecycle.Validation;
using Modeldrop.Names;
using Modeldrop.Pages;
using Modeldrop.Predictions;
using Modeldrop.Scoring.Cache;
using Modeldrop.Tests.Lifecycle.Replay;
using Modeldrop.Tests.Registry;

namespace Modeldrop.Tests.Lifecycle.Shadow;

/// <summary>A shadow answers the logged requests with real models, each record once.</summary>
public sealed class ShadowServiceTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private static readonly DateTimeOffset LongAgo = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private ReplayWorld _world = null!;
    private VersionInput _shadow = null!;

    private static ModelName Flights => RegistryKit.Flights;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _world = await ReplayWorld.StartAsync(azurite);
        _shadow = await _world.RegisterAsync("flights/2");
    }

    public ValueTask DisposeAsync()
    {
        _world.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Score_NewRecords_AreCountedOnceInAnyNumberOfRuns()
    {
        await SetAsync("set", 100, LongAgo);
        await _world.LogAsync(400);

        await Task.WhenAll(Service().ScoreAllAsync(Token), Service().ScoreAllAsync(Token));
        Assert.Equal(400, await RecordsAsync());
        await Service().ScoreAllAsync(Token);
        Assert.Equal(400, await RecordsAsync());

        await _world.LogAsync(40);
        await Service().ScoreAllAsync(Token);
        Assert.Equal(440, await RecordsAsync());
        ShadowComparison comparison = Assert.Single((await ReportAsync()).Comparisons);
        Assert.Equal(1, comparison.With);
        Assert.Equal(440, comparison.Figures.Rows);
        Assert.InRange(comparison.Figures.Disagreements, 1, 60);
        ValidationCheck disagreement = comparison.Checks.Single(check => check.Name == "replay.disagreement");
        Assert.Contains("get a different answer than from version 1", disagreement.Explanation, StringComparison.Ordinal);
        Assert.StartsWith("For example prediction ", disagreement.Details![0], StringComparison.Ordinal);
        Assert.NotNull(await _world.Predictions.FindAsync(PredictionId.Parse(disagreement.Details[0].Split(' ')[^1]), Token));
    }

    [Fact]
    public async Task Score_Records_AreOnlyTheAnswersOfTheChampionSinceTheStart()
    {
        await _world.LogAsync(20);
        await SetAsync("set", 100, from: null);
        await _world.LogAsync(10, alias: null);
        await _world.LogAsync(7);
        _world.Kit.Registry.Clock.SetUtcNow(TimeProvider.System.GetUtcNow());

        await Service().ScoreAllAsync(Token);

        // The registry's clock is in the past, so all of the champion's records come after the shadow was set. Requests by version number
        // do not count.
        Assert.Equal(27, await RecordsAsync());
        await SetAsync("again", 100, TimeProvider.System.GetUtcNow());
        await Service().ScoreAllAsync(Token);
        Assert.Equal(0, await RecordsAsync());
        await _world.LogAsync(5);
        await Service().ScoreAllAsync(Token);
        Assert.Equal(5, await RecordsAsync());
    }

    [Fact]
    public async Task Score_APercentage_GivesTheSameSampleInEveryRun()
    {
        await SetAsync("set", 30, LongAgo);
        await _world.LogAsync(300);

        await Service().ScoreAllAsync(Token);
        long first = await RecordsAsync();
        await SetAsync("again", 30, LongAgo);
        _world.Kit.Registry.Clock.Advance(TimeSpan.FromMinutes(1));
        await Service().ScoreAllAsync(Token);

        Assert.InRange(first, 50, 130);
        Assert.Equal(first, await RecordsAsync());
    }

    [Fact]
    public async Task Report_BeforeTheFirstScoreAndAfterTheEnd_IsComplete()
    {
        await SetAsync("set", 100, LongAgo);
        Assert.Equal((100, 0L), ((await ReportAsync()).Percent, (await ReportAsync()).Records));
        Assert.Contains(
            "It has answered none yet", HtmlPage.Render<ShadowPage, ShadowReport>(await Reports().GetAsync(Flights, null, Token)),
            StringComparison.Ordinal);
        await _world.LogAsync(12);
        await Service().ScoreAllAsync(Token);

        await SetAsync("end", 0, null);

        Assert.Empty((await Reports().GetAsync(Flights, null, Token)).Shadows);
        ShadowStatus ended = Assert.Single((await Reports().GetAsync(Flights, _shadow.Version, Token)).Shadows);
        Assert.Equal((0, 12L), (ended.Percent, ended.Records));
        Assert.Contains(
            "Against version 1",
            HtmlPage.Render<ShadowPage, ShadowReport>(await Reports().GetAsync(Flights, _shadow.Version, Token)),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_SeveralErrors_NamesAll()
    {
        ServiceException exception = await Assert.ThrowsAsync<ServiceException>(() => Service().CheckAsync(Flights, null, 101, Token));
        Assert.Equal(ErrorCode.InvalidRequest, exception.Code);
        Assert.Contains("must name a version", exception.Message, StringComparison.Ordinal);
        Assert.Contains("'percent' is 101", exception.Message, StringComparison.Ordinal);

        Assert.Equal(
            ErrorCode.VersionNotFound,
            (await Assert.ThrowsAsync<ServiceException>(() => Service().CheckAsync(Flights, 9, null, Token))).Code);
    }

    private Task SetAsync(string operation, int percent, DateTimeOffset? from) =>
        Service().SetAsync(
            new SetShadowInput(
                Ids.Operation(operation), new ShadowInput(ModelName.Parse("flights"), _shadow.Version, percent, from, "ann", null)),
            Token);

    private async Task<ShadowStatus> ReportAsync() => Assert.Single((await Reports().GetAsync(Flights, null, Token)).Shadows);

    private async Task<long> RecordsAsync() => (await ReportAsync()).Records;

    /// <summary>The service of a newly started process.</summary>
    private ShadowService Service()
    {
        RegistryKit registry = _world.Kit.Registry;
        var scorer = new ShadowScorer(registry.Versions, new VersionDownload(registry.Versions), _world.Kit.Probe, _world.Kit.Profiles);
        return new ShadowService(
            registry.Service, registry.Store, registry.Versions, scorer, new LogReader(
                _world.Predictions, TimeProvider.System), TimeProvider.System, NullLogger<ShadowService>.Instance);
    }

    private ShadowReports Reports() =>
        new(_world.Kit.Registry.Service, _world.Kit.Registry.Versions, Service(), Options.Create(new ReplayOptions()));
}
