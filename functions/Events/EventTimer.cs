using Modeldrop.Events;

namespace Modeldrop.Functions.Events;

/// <summary>Sends events to subscribers.</summary>
public sealed class EventTimer(EventDelivery delivery)
{
    // Runs at the same time as the alerts, so that no instance is woken for this timer alone.
    [Function(nameof(SendEvents))]
    public Task SendEvents([TimerTrigger("30 */5 * * * *")] TimerInfo timer, CancellationToken cancellationToken) =>
        delivery.DeliverAsync(cancellationToken);
}
