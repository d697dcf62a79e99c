using Microsoft.Extensions.Logging.Abstractions;
using Modeldrop.Lifecycle.Consequences;
using Modeldrop.Lifecycle.Rollouts;
using Modeldrop.Manifests;
using Modeldrop.Monitoring.Alerts;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Watch;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Predictions.Feedback;
using Modeldrop.Registry;
using Modeldrop.Scoring.Cache;
using Modeldrop.Tests.Lifecycle.Operations;
using Modeldrop.Tests.Probe;
using Modeldrop.Tests.Registry;

namespace Modeldrop.Tests.Lifecycle.Consequences;

/// <summary>Drift rolls a champion back if its manifest requests it, one step and only once.</summary>
public sealed class DriftConsequencesTests(AzuriteFixture azurite)
{
    private readonly RegistryKit _kit = new(azurite);
    private readonly RecordedOperations _operations = new();

    private static ModelName Flights => RegistryKit.Flights;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Follow_DriftedChampion_IsRolledBackOnceByItsReport()
    {
        await PromoteAsync(DriftAction.Rollback, DriftAction.Rollback);

        await FollowAsync(version: 2);
        await FollowAsync(version: 2);

        (string id, object started) = Assert.Single(_operations.Started);
        Assert.StartsWith("flights~rollback~", id, StringComparison.Ordinal);
        RollBackInput input = Assert.IsType<RollBackInput>(started);
        Assert.Equal(("flights", (int?)null, "monitoring"), (input.Model.Value, input.To, input.Actor));
        Assert.Contains("hour has drifted", input.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Follow_ChampionByAnAutomaticRollback_Stays()
    {
        await PromoteAsync(DriftAction.Rollback, DriftAction.Rollback, DriftAction.Rollback);
        await _kit.Service.RollBackAsync(Flights, null, RegistryKit.By("back", ChampionRollBack.Actor), Token);

        Assert.False(await FollowAsync(version: 2));

        // A roll back by a person is independent.
        await _kit.Service.MoveAliasAsync(Flights, AliasName.Champion, 3, null, RegistryKit.By("again"), Token);
        await _kit.Service.RollBackAsync(Flights, null, RegistryKit.By("by-hand"), Token);
        Assert.True(await FollowAsync(version: 2));
    }

    [Fact]
    public async Task Follow_AlertOnlyOrNotDriftedOrNotChampion_ChangesNothing()
    {
        await PromoteAsync(DriftAction.Rollback, DriftAction.Alert);

        Assert.False(await FollowAsync(version: 2));
        Assert.False(await FollowAsync(version: 1));
        await PromoteNextAsync(3, DriftAction.Rollback);
        Assert.False(await FollowAsync(version: 3, drifted: false));
    }

    [Fact]
    public async Task Follow_FirstChampion_HasNoRollbackTarget()
    {
        await PromoteAsync(DriftAction.Rollback);

        Assert.False(await FollowAsync(version: 1));
    }

    [Fact]
    public async Task Follow_AnAlarm_NotifiesOnceAtStartAndEnd_AndRequestsRetrainingOnce()
    {
        await PromoteAsync(DriftAction.Retrain);
        DriftReport alarm = Report(1, drifted: true);

        await Consequences().FollowAsync(alarm, _operations, Token);
        await Task.WhenAll(
            Consequences().FollowAsync(alarm, _operations, Token), Consequences()
                .FollowAsync(alarm with { To = alarm.To.AddHours(1) }, _operations, Token));
        Assert.Equal(["Retrain", "Drift"], await ToldAsync());
        await Consequences().FollowAsync(
            alarm with { Alarm = false, Watch = alarm.Watch! with { IsSeasonKnown = false } }, _operations, Token);
        Assert.Equal(["Retrain", "Drift"], await ToldAsync());
        await Consequences().FollowAsync(alarm with { Alarm = false }, _operations, Token);
        await Consequences().FollowAsync(alarm with { Alarm = false }, _operations, Token);
        Assert.Equal(["Drift is over", "Retrain", "Drift"], await ToldAsync());
        await Consequences().FollowAsync(
            alarm with
            {
                Watch = alarm.Watch! with { Features = [alarm.Watch.Features[0] with { Alarmed = DateTimeOffset.UnixEpoch.AddHours(50) }] },
            },
            _operations, Token);
        Assert.Equal(["Retrain", "Drift", "Drift is over", "Retrain", "Drift"], await ToldAsync());

        Alert told = (await Alerts.ListAsync(new AlertQuery(10, Flights), Token)).Alerts[^1];
        Assert.Equal(
            "Drift in version 1 of 'flights': hour, since 1970-01-01 02:00:00Z (3.9 powers of ten of evidence, 2.6 needed). "
                + "The cost is not known. A training has been requested.",
            told.Summary);
        Assert.Equal((DeliveryStatus.Pending, "https://example.com/alerts"), (told.Status, told.Receiver));
    }

    private async Task<string[]> ToldAsync() =>
        [
            .. (await Alerts.ListAsync(new AlertQuery(10, Flights), Token)).Alerts
                .Select(alert => alert.Kind + (alert.Resolved ? " is over" : "")),
        ];

    private async Task PromoteAsync(params DriftAction[] actions)
    {
        foreach ((int index, DriftAction action) in actions.Index())
        {
            await PromoteNextAsync(index + 1, action);
        }
    }

    private async Task PromoteNextAsync(int version, DriftAction action)
    {
        StagedDrop drop = await _kit.StageAsync($"op-{version}", $"content {version}");
        VersionRegistration registration = RegistryKit.Registration(drop);
        await _kit.Service.RegisterVersionAsync(
            registration with
            {
                Manifest =
                    new Manifest { Monitoring = new MonitoringPolicy { OnDrift = action, AlertWebhook = "https://example.com/alerts" } },
            },
            Token);
        await _kit.Service.SetStatusAsync(
            new VersionName(Flights, version), VersionStatus.Validating, null, RegistryKit.By($"op-{version}"), Token);
        await _kit.Service.SetStatusAsync(
            new VersionName(Flights, version), VersionStatus.Validated, null, RegistryKit.By($"op-{version}"), Token);
        await _kit.Service.MoveAliasAsync(Flights, AliasName.Champion, version, null, RegistryKit.By($"promote-{version}"), Token);
    }

    /// <returns>Whether a roll back was started.</returns>
    private async Task<bool> FollowAsync(int version, bool drifted = true)
    {
        int before = _operations.Started.Count;
        await Consequences().FollowAsync(Report(version, drifted), _operations, Token);
        return _operations.Started.Count > before;
    }

    private DriftConsequences Consequences() => new(
        _kit.Versions, Alerts, new ChampionRollBack(_kit.Service, NullLogger<ChampionRollBack>.Instance), Comparison(),
        NullLogger<DriftConsequences>.Instance);

    private VersionComparison Comparison() => new(
        _kit.Service, _kit.Versions, new VersionDownload(_kit.Versions), ProbeFixture
            .Service(_ => { }), new PredictionStore(_kit.Account), new FeedbackStore(_kit.Account, TimeProvider.System));

    private AlertStore Alerts => new(_kit.Account, TimeProvider.System);

    private static WatchState Watch() => new(
        DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddHours(5), 500, 0.01, 6,
        [new WatchedFeature("hour", false, 9, DateTimeOffset.UnixEpoch.AddHours(3)) { Since = DateTimeOffset.UnixEpoch.AddHours(2) }])
    {
        IsSeasonKnown = true,
    };

    private static DriftReport Report(int version, bool drifted) => new()
    {
        Model = ModelName.Parse("flights"),
        Version = version,
        Status = DriftStatus.Checked,
        Summary = "1 of 5 features has drifted: hour has drifted.",
        Drifted = drifted,
        Alarm = drifted,
        Watch = drifted ? Watch() : null,
        From = DateTimeOffset.UnixEpoch,
        To = DateTimeOffset.UnixEpoch.AddDays(1),
        CheckedAt = DateTimeOffset.UnixEpoch.AddDays(1),
        Records = 1,
        Rows = 1,
        ReferenceRows = 1,
        OtherRows = 0,
        Significance = 0.01,
        MinimumDistance = 0.1,
        MinimumRows = 100,
        Features = [],
        Transactions = 1,
    };
}
