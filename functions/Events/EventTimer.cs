using Modeldrop.Events;

namespace Modeldrop.Functions.Events;

/// <summary>Sends events to subscribers.</summary>
public sealed class EventTimer(EventDelivery delivery)
{
    // With the alerts, so that no instance is woken for it alone.
    [Function(nameof(SendEvents))]
    public Task SendEvents([TimerTrigger("30 */5 * * * *")] TimerInfo timer, CancellationToken cancellationToken) =>
        delivery.DeliverAsync(cancellationToken);
}
