using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Modeldrop.Events;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Tests.Registry;
using Modeldrop.Tests.Webhooks;
using Modeldrop.Webhooks;

namespace Modeldrop.Tests.Events;

/// <summary>Subscriptions on a fresh account, and events to send.</summary>
internal sealed class EventWorld : IDisposable
{
    public EventWorld(AzuriteFixture azurite, bool allowPrivate = true)
    {
        Kit = new RegistryKit(azurite);
        Feed = new RegistryFeed(Kit.Account);
        Store = new SubscriptionStore(Kit.Account);
        Sender = new WebhookSender(Options.Create(new WebhookOptions { AllowPrivateAddresses = allowPrivate }), Kit.Clock);
        Events = new EventService(Feed, Sender);
        Signal = new EventSignal(Kit.Store);
        Subscriptions = new SubscriptionService(
            Store, Events, Signal, Options.Create(new EventOptions { MaxSubscriptions = 3 }), Kit.Clock);
        Delivery = NewDelivery();
    }

    public RegistryKit Kit { get; }

    public RegistryFeed Feed { get; }

    public SubscriptionStore Store { get; }

    public WebhookSender Sender { get; }

    public EventService Events { get; }

    public EventSignal Signal { get; }

    public SubscriptionService Subscriptions { get; }

    public EventDelivery Delivery { get; }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Another process.</summary>
    public EventDelivery NewDelivery() => new(
        Feed, Store, Sender, Options.Create(new EventOptions()), Kit.Clock, NullLogger<EventDelivery>.Instance);

    public Task<Subscription> SubscribeAsync(
        Receiver receiver, string? after = "0", IReadOnlyList<string>? models = null, IReadOnlyList<string>? types = null) =>
        Subscriptions.CreateAsync(new NewSubscription(receiver.Address, models, types, after), "ann", Cancelled);

    /// <summary>Appends this many events of a model.</summary>
    public async Task HappenAsync(string model, int count)
    {
        for (int left = count; left > 0; left -= RegistryStore.MaxEventsPerAppend)
        {
            RegistryEvent[] events = [.. Enumerable.Range(0, Math.Min(left, RegistryStore.MaxEventsPerAppend))
                .Select(number => new ModelDescribed($"{number}", null) { Actor = Actor.System })];
            await Kit.Store.AppendAsync(ModelName.Parse(model), _ => events, Cancelled);
        }
    }

    public async Task<Subscription> StateAsync(Subscription subscription) => await Subscriptions.GetAsync(subscription.Id, Cancelled);

    public static string[] IdsOf(IEnumerable<Delivery> deliveries) =>
        [.. deliveries.Select(delivery => JsonDocument.Parse(delivery.Body).RootElement.GetProperty("id").GetString()!)];

    public void Dispose() => Sender.Dispose();
}
