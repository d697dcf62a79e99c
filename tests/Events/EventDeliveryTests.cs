using System.Text.Json;
using Modeldrop.Errors;
using Modeldrop.Events;
using Modeldrop.Names;
using Modeldrop.Storage;
using Modeldrop.Tests.Webhooks;

namespace Modeldrop.Tests.Events;

public sealed class EventDeliveryTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private readonly EventWorld _world = new(azurite);
    private Receiver _receiver = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _receiver = await Receiver.StartAsync();

    public async ValueTask DisposeAsync()
    {
        _world.Dispose();
        await _receiver.DisposeAsync();
    }

    /// <summary>
    /// The receiver is away twice, once for longer, and two processes send. 10,000 events take a minute, most of it in Azurite:
    /// <c>MODELDROP_EVENTS=10000</c>.
    /// </summary>
    [Fact]
    public async Task Deliver_ThousandsOfEventsAfterAnOutage_EachArrivesOnce()
    {
        int events = int.TryParse(Environment.GetEnvironmentVariable("MODELDROP_EVENTS"), out int given) ? given : 2_000;
        int alphas = events * 4 / 10;
        Subscription subscription = await _world.SubscribeAsync(_receiver);
        await Task.WhenAll(
            _world.HappenAsync("alpha", alphas), _world.HappenAsync("beta", events / 2), _world.HappenAsync("gamma", events / 10));
        List<Delivery> accepted = [];
        _receiver.Answer = (number, _) =>
        {
            if ((number >= events / 5 && number < (events / 5) + 3) || number == events * 3 / 4)
            {
                return 503;
            }

            lock (_receiver.Deliveries)
            {
                accepted.Add(_receiver.Deliveries[number]);
            }

            return 204;
        };

        EventDelivery other = _world.NewDelivery();
        for (int run = 0; run < 12 && accepted.Count < events; run++)
        {
            await Task.WhenAll(_world.Delivery.DeliverAsync(Token), other.DeliverAsync(Token));
            _world.Kit.Clock.Advance(TimeSpan.FromHours(1));
        }

        string[] ids = EventWorld.IdsOf(accepted);
        Assert.Equal(events, ids.Length);
        Assert.Equal(events, ids.Distinct().Count());
        Assert.Equal(
            Enumerable.Range(1, alphas).Select(number => $"alpha/{number}"),
            ids.Where(id => id.StartsWith("alpha/", StringComparison.Ordinal)));
        Assert.Equal(events, accepted.Select(delivery => delivery.Id).Distinct().Count());
        Subscription after = await _world.StateAsync(subscription);
        Assert.Equal((events, events, 0, null), ((int)after.Delivered, (int)after.Cursor, after.Attempts, after.LastError));
    }

    [Fact]
    public async Task Deliver_AFilter_SendsOnlyMatchingEvents()
    {
        Subscription subscription = await _world.SubscribeAsync(
            _receiver, models: ["alpha"], types: ["io.modeldrop.model.described.v1"]);
        await _world.HappenAsync("beta", 3);
        await _world.HappenAsync("alpha", 2);
        await _world.Kit.Service.ArchiveAsync(ModelName.Parse("alpha"), archived: true, Modeldrop.Registry.Actor.System, Token);

        await _world.Delivery.DeliverAsync(Token);

        Assert.Equal(["alpha/1", "alpha/2"], EventWorld.IdsOf(_receiver.Deliveries));
        Assert.Equal((2, 6), ((int)(await _world.StateAsync(subscription)).Delivered, (int)(await _world.StateAsync(subscription)).Cursor));
    }

    [Fact]
    public async Task Deliver_AnEvent_IsACloudEventWithItsSequence()
    {
        await _world.SubscribeAsync(_receiver);
        await _world.HappenAsync("flights", 1);

        await _world.Delivery.DeliverAsync(Token);

        Delivery got = Assert.Single(_receiver.Deliveries);
        Assert.Equal(("application/cloudevents+json; charset=utf-8", "evt_1"), (got.ContentType, got.Id));
        JsonElement cloudEvent = JsonDocument.Parse(got.Body).RootElement;
        Assert.Equal(
            ["1.0", "flights/1", "urn:modeldrop:flights", "io.modeldrop.model.described.v1", "000000000001", "1", "2026-01-01T00:00:00Z"],
            ((string[])["specversion", "id", "source", "type", "sequence", "cursor", "time"])
                .Select(name => cloudEvent.GetProperty(name).GetString()));
        Assert.Equal("flights", cloudEvent.GetProperty("data").GetProperty("model").GetString());
        Assert.Equal("modelDescribed", cloudEvent.GetProperty("data").GetProperty("kind").GetString());
        Assert.Equal("system", cloudEvent.GetProperty("data").GetProperty("actor").GetProperty("name").GetString());
    }

    [Fact]
    public async Task Deliver_AReceiverThatNeverAnswers_IsDeadAndKeepsItsCursorUntilResumed()
    {
        Subscription subscription = await _world.SubscribeAsync(_receiver);
        await _world.HappenAsync("flights", 3);
        _receiver.Answer = (number, _) => number == 0 ? 204 : 500;
        for (int attempt = 0; attempt < 12; attempt++)
        {
            await _world.Delivery.DeliverAsync(Token);
            _world.Kit.Clock.Advance(TimeSpan.FromHours(30));
        }

        Subscription dead = await _world.StateAsync(subscription);
        Assert.Equal(
            (SubscriptionStatus.Dead, 10, 1, "The receiver answered 500."),
            (dead.Status, dead.Attempts, (int)dead.Cursor, dead.LastError));
        Assert.Equal(11, _receiver.Deliveries.Count);

        _receiver.Answer = (_, _) => 200;
        await _world.Subscriptions.ResumeAsync(subscription.Id, new SubscriptionResume(After: null), Token);
        await _world.Delivery.DeliverAsync(Token);

        Assert.Equal(["flights/2", "flights/3"], EventWorld.IdsOf(_receiver.Deliveries.Skip(11)));
        Assert.Equal((SubscriptionStatus.Active, 3), ((await _world.StateAsync(subscription)).Status, _receiver.Deliveries.Count - 10));
    }

    [Fact]
    public async Task Deliver_ToAPrivateAddress_IsRefusedUnlessAllowed()
    {
        using var world = new EventWorld(azurite, allowPrivate: false);
        Subscription subscription = await world.SubscribeAsync(_receiver);
        await world.HappenAsync("flights", 1);

        await world.Delivery.DeliverAsync(Token);

        Assert.Empty(_receiver.Deliveries);
        Assert.Equal(SubscriptionStatus.Dead, (await world.StateAsync(subscription)).Status);
        Assert.Contains("no public address", (await world.StateAsync(subscription)).LastError, StringComparison.Ordinal);
    }

    /// <summary>The process is stopped midway: the next one continues where it was.</summary>
    [Fact]
    public async Task Deliver_StoppedHalfway_SendsNothingTwice()
    {
        await _world.SubscribeAsync(_receiver);
        await _world.HappenAsync("flights", 60);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        _receiver.Answer = (number, _) =>
        {
            if (number == 30)
            {
                stop.Cancel();
                return 500;
            }

            return 204;
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _world.Delivery.DeliverAsync(stop.Token));

        await _world.NewDelivery().DeliverAsync(Token);

        Assert.Equal(60, EventWorld.IdsOf(_receiver.Deliveries.Where((_, number) => number != 30)).Distinct().Count());
        Assert.Equal(61, _receiver.Deliveries.Count);
    }

    [Fact]
    public async Task Deliver_NothingNew_CostsThreeTransactions_AndOneWithoutSubscriptions()
    {
        await _world.HappenAsync("flights", 2);
        Assert.Equal(1, await CostAsync());
        await _world.SubscribeAsync(_receiver);
        await _world.Delivery.DeliverAsync(Token);

        Assert.Equal(3, await CostAsync());
    }

    [Fact]
    public async Task Create_SeveralErrors_ReportsAllAtOnce()
    {
        ServiceException refused = await Assert.ThrowsAsync<ServiceException>(() => _world.Subscriptions.CreateAsync(
            new NewSubscription("ftp://x", ["a b"], ["io.modeldrop.model.promoted"], "7"), "ann", Token));

        Assert.Equal(ErrorCode.InvalidRequest, refused.Code);
        Assert.Equal(4, refused.Violations.Count);
        Assert.Contains("do you mean 'io.modeldrop.model.promoted.v1'?", refused.Message, StringComparison.Ordinal);
        for (int number = 0; number < 3; number++)
        {
            await _world.SubscribeAsync(_receiver);
        }

        refused = await Assert.ThrowsAsync<ServiceException>(() => _world.SubscribeAsync(_receiver));
        Assert.Contains("Events__MaxSubscriptions", refused.Message, StringComparison.Ordinal);
    }

    private async Task<long> CostAsync()
    {
        using StorageMeter meter = StorageMeter.Start();
        await _world.Delivery.DeliverAsync(Token);
        return meter.Transactions;
    }
}
