using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Modeldrop.Errors;
using Modeldrop.Monitoring.Alerts;
using Modeldrop.Names;
using Modeldrop.Tests.Predictions;
using Modeldrop.Tests.Webhooks;
using Modeldrop.Webhooks;

namespace Modeldrop.Tests.Monitoring.Alerts;

public sealed class AlertDeliveryTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private const string Secret = "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";

    private static readonly JsonElement Data = JsonSerializer.SerializeToElement(new { rows = 1000 });

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero));
    private readonly ModelName _model = ModelName.Parse("m" + Guid.NewGuid().ToString("N")[..12]);
    private Receiver _receiver = null!;
    private AlertStore _store = null!;
    private WebhookSender? _sender;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _receiver = await Receiver.StartAsync();
        _store = new AlertStore(new LogWorld(azurite).Account, _clock);
    }

    public ValueTask DisposeAsync()
    {
        _sender?.Dispose();
        return _receiver.DisposeAsync();
    }

    [Fact]
    public async Task Deliver_AnAlert_ArrivesOnceAsASignedCloudEvent()
    {
        Alert alert = (await RaiseAsync())!;
        AlertDelivery delivery = Delivery($"{Secret} whsec_{Convert.ToBase64String(new byte[32])}");

        await Task.WhenAll(delivery.DeliverAsync(Token), delivery.DeliverAsync(Token));
        await delivery.DeliverAsync(Token);

        Delivery got = Assert.Single(_receiver.Deliveries);
        Assert.Equal(
            ("/hook", "application/cloudevents+json; charset=utf-8", alert.Id, "1769860800"),
            (got.Path, got.ContentType, got.Id, got.Timestamp));
        byte[][] keys = [WebhookSignature.FindKey(Secret)!, new byte[32]];
        Assert.Equal(WebhookSignature.Sign(keys, got.Id, _clock.GetUtcNow(), got.Body), got.Signature);
        JsonElement cloudEvent = JsonDocument.Parse(got.Body).RootElement;
        Assert.Equal(
            $$$$"""{"specversion":"1.0","id":"{{{{alert.Id}}}}","source":"urn:modeldrop:{{{{_model}}}}","type":"io.modeldrop.drift.raised.v1","subject":"versions/3","time":"2026-01-31T12:00:00Z","severitynumber":13,"severitytext":"WARN","datacontenttype":"application/json","data":{"model":"{{{{_model}}}}","version":3,"summary":"It drifts.","figures":{"rows":1000}}}""",
            Ordered(cloudEvent));
        Assert.Equal((DeliveryStatus.Delivered, 1, _clock.GetUtcNow()), await StateAsync());
    }

    [Fact]
    public async Task Deliver_AFailingReceiver_RetriesWithBackOffUnderTheSameId_AndGivesUp()
    {
        await RaiseAsync();
        _receiver.Answer = (_, _) => 500;
        AlertDelivery delivery = Delivery();
        List<double> pauses = [];
        for (int attempt = 1; attempt <= 10; attempt++)
        {
            await delivery.DeliverAsync(Token);
            Assert.Equal(attempt, _receiver.Deliveries.Count);
            Alert alert = await LatestAsync();
            if (alert.NextAttemptAt is { } next)
            {
                pauses.Add((next - _clock.GetUtcNow()).TotalSeconds);
                _clock.SetUtcNow(next.AddSeconds(-0.1));
                await delivery.DeliverAsync(Token);
                Assert.Equal(attempt, _receiver.Deliveries.Count);
                _clock.SetUtcNow(next.AddSeconds(0.1));
            }
        }

        double[] stated = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];
        Assert.All(stated.Zip(pauses), pair => Assert.InRange(pair.Second, pair.First * 0.79, pair.First * 1.21));
        Assert.Single(_receiver.Deliveries.Select(one => one.Id).Distinct());
        Alert dead = await LatestAsync();
        Assert.Equal((DeliveryStatus.Dead, 10, "The receiver answered 500."), (dead.Status, dead.Attempts, dead.LastError));

        _receiver.Answer = (_, _) => 200;
        await _store.ReviveAsync(dead.Id, Token);
        await delivery.DeliverAsync(Token);
        Assert.Equal(DeliveryStatus.Delivered, (await LatestAsync()).Status);
        ServiceException exception = await Assert.ThrowsAsync<ServiceException>(() => _store.ReviveAsync(dead.Id, Token));
        Assert.Equal(ErrorCode.OperationNotPending, exception.Code);
    }

    [Fact]
    public async Task Deliver_RedirectGoneAndRetryAfter_AreRespected()
    {
        await RaiseAsync();
        _receiver.Answer = (number, response) =>
        {
            response.Headers[number == 0 ? "Location" : "Retry-After"] = number == 0 ? "/elsewhere" : "3600";
            return number == 0 ? 302 : number == 1 ? 429 : 410;
        };
        AlertDelivery delivery = Delivery();

        await delivery.DeliverAsync(Token);
        Assert.Equal("The receiver answered 302. Redirects are not followed.", (await LatestAsync()).LastError);
        _clock.Advance(TimeSpan.FromSeconds(10));
        await delivery.DeliverAsync(Token);
        Assert.Equal(_clock.GetUtcNow().AddHours(1), (await LatestAsync()).NextAttemptAt);
        _clock.Advance(TimeSpan.FromHours(2));
        await delivery.DeliverAsync(Token);
        Assert.Equal((DeliveryStatus.Dead, 3), ((await LatestAsync()).Status, (await LatestAsync()).Attempts));
        Assert.All(_receiver.Deliveries, one => Assert.Equal("/hook", one.Path));
    }

    /// <summary>
    /// Twenty receivers that never answer, with two alerts each, and one that does. It gets its alert while the others time out.
    /// </summary>
    [Fact]
    public async Task Deliver_SilentReceivers_DelayNoOther_AndGetOneAttemptPerRun()
    {
        List<TcpListener> silent = [];
        for (int number = 0; number < 20; number++)
        {
            var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            silent.Add(listener);
            for (int version = 1; version <= 2; version++)
            {
                await _store.RaiseAsync(
                    new VersionName(ModelName.Parse($"{_model}-{number}"), version), AlertKind.Drift, "It drifts.", Data,
                    $"http://{listener.LocalEndpoint}/hook", Token);
            }
        }

        await RaiseAsync();
        AlertDelivery delivery = Delivery(timeout: TimeSpan.FromMinutes(5));
        Task run = delivery.DeliverAsync(Token);
        await Poll.UntilAsync(() => _receiver.Deliveries.Count == 1, "the delivery to the one that answers");

        Assert.False(run.IsCompleted);
        silent.ForEach(listener => listener.Stop());
        await run;
        IReadOnlyList<Alert> alerts = (await _store.ListAsync(new AlertQuery(100, Status: DeliveryStatus.Pending), Token)).Alerts;
        Assert.Equal((20, 20), (alerts.Count(alert => alert.Attempts == 1), alerts.Count(alert => alert.Attempts == 0)));
    }

    [Fact]
    public async Task Due_TimeSetByAClockThatWasAhead_IsDueNow()
    {
        var clock = new ShiftedClock(_clock);
        var store = new AlertStore(new LogWorld(azurite).Account, clock);
        await store.RaiseAsync(new VersionName(_model, 3), AlertKind.Drift, "It drifts.", Data, _receiver.Address, Token);
        clock.Shift = TimeSpan.FromDays(1);
        Assert.True(await store.TryClaimAsync(Assert.Single(await store.DueAsync(Token)), clock.GetUtcNow().AddMinutes(1), Token));
        Assert.Empty(await store.DueAsync(Token));

        clock.Shift = TimeSpan.Zero;

        Assert.Single(await store.DueAsync(Token));
    }

    [Fact]
    public async Task Deliver_ToAPrivateAddress_IsRefusedUnlessAllowed()
    {
        await RaiseAsync();
        AlertDelivery delivery = Delivery(allowPrivate: false);

        await delivery.DeliverAsync(Token);

        Assert.Empty(_receiver.Deliveries);
        Alert alert = await LatestAsync();
        Assert.Equal(DeliveryStatus.Dead, alert.Status);
        Assert.Contains("'127.0.0.1' has no public address", alert.LastError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deliver_AfterACrashHalfway_SendsAgainUnderTheSameId()
    {
        Alert alert = (await RaiseAsync())!;
        StoredAlert due = Assert.Single(await _store.DueAsync(Token));
        // Claimed, perhaps even sent, and then the process disappeared.
        Assert.True(await _store.TryClaimAsync(due, _clock.GetUtcNow().AddMinutes(1), Token));
        Assert.Empty(await _store.DueAsync(Token));
        _clock.Advance(TimeSpan.FromMinutes(2));
        AlertDelivery delivery = Delivery();

        await delivery.DeliverAsync(Token);

        Assert.Equal(alert.Id, Assert.Single(_receiver.Deliveries).Id);
        Assert.Null(Assert.Single(_receiver.Deliveries).Signature);
    }

    [Fact]
    public async Task List_PagesAndFilters_AreNewestFirst()
    {
        for (int version = 1; version <= 5; version++)
        {
            await _store.RaiseAsync(new VersionName(_model, version), AlertKind.Drift, $"{version}", Data, receiver: null, Token);
            _clock.Advance(TimeSpan.FromMinutes(1));
        }

        AlertPage first = await _store.ListAsync(new AlertQuery(2, _model), Token);
        AlertPage second = await _store.ListAsync(new AlertQuery(2, _model, Page: first.NextPage), Token);
        AlertPage third = await _store.ListAsync(new AlertQuery(2, _model, Page: second.NextPage), Token);
        Assert.Equal(
            ["5", "4", "3", "2", "1"], new[] { first, second, third }.SelectMany(page => page.Alerts).Select(alert => alert.Summary));
        Assert.Null(third.NextPage);
        DateTimeOffset start = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
        Assert.Equal(
            ["4", "3"],
            (await _store.ListAsync(
                new AlertQuery(10, _model, DeliveryStatus.Listed, start.AddMinutes(1.5), start.AddMinutes(3.5)), Token))
                .Alerts.Select(alert => alert.Summary));
        Assert.Empty((await _store.ListAsync(new AlertQuery(10, _model, DeliveryStatus.Dead), Token)).Alerts);
    }

    private Task<Alert?> RaiseAsync() =>
        _store.RaiseAsync(new VersionName(_model, 3), AlertKind.Drift, "It drifts.", Data, _receiver.Address, Token);

    private async Task<Alert> LatestAsync() => (await _store.ListAsync(new AlertQuery(1, _model), Token)).Alerts[0];

    private async Task<(DeliveryStatus Status, int Attempts, DateTimeOffset? DeliveredAt)> StateAsync()
    {
        Alert alert = await LatestAsync();
        return (alert.Status, alert.Attempts, alert.DeliveredAt);
    }

    private AlertDelivery Delivery(string secrets = "", bool allowPrivate = true, TimeSpan? timeout = null)
    {
        var options = new WebhookOptions { Secrets = secrets, AllowPrivateAddresses = allowPrivate };
        options.Timeout = timeout ?? options.Timeout;
        _sender = new WebhookSender(Options.Create(options), _clock);
        return new AlertDelivery(_store, _sender, _clock, NullLogger<AlertDelivery>.Instance);
    }

    private static string Ordered(JsonElement cloudEvent)
    {
        string[] order = [
            "specversion", "id", "source", "type", "subject", "time", "severitynumber", "severitytext", "datacontenttype", "data"];
        Assert.Equal(order.Order(), cloudEvent.EnumerateObject().Select(member => member.Name).Order());
        var text = new StringBuilder("{");
        text.AppendJoin(',', order.Select(name => $"\"{name}\":{cloudEvent.GetProperty(name).GetRawText()}"));
        return text.Append('}').ToString();
    }
}
