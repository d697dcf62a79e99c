using Microsoft.Extensions.Logging;
using Modeldrop.Names;
using Modeldrop.Webhooks;

namespace Modeldrop.Monitoring.Alerts;

/// <summary>Sends signed alerts to their receivers, retries with growing pauses, and finally marks an alert as dead.</summary>
public sealed partial class AlertDelivery(AlertStore store, WebhookSender sender, TimeProvider clock, ILogger<AlertDelivery> logger)
{
    /// <summary>Receivers served at once. A receiver that does not answer occupies one connection and does not delay the others.</summary>
    private const int MaxReceivers = 32;

    /// <summary>
    /// Makes the attempts that are due: several receivers at once, each in order. Safe to run on several instances at once.
    /// </summary>
    /// <remarks>
    /// Receivers do not affect each other. A receiver that does not answer is tried once per run; its other alerts stay due.
    /// </remarks>
    public async Task DeliverAsync(CancellationToken cancellationToken)
    {
        IEnumerable<IGrouping<string, StoredAlert>> receivers = (await store.DueAsync(cancellationToken))
            .GroupBy(due => ReceiverOf(due.Alert), StringComparer.OrdinalIgnoreCase);
        var width = new ParallelOptions { MaxDegreeOfParallelism = MaxReceivers, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(receivers, width, async (alerts, cancelled) =>
        {
            foreach (StoredAlert due in alerts)
            {
                // Longer than an attempt can take: if this process dies during the attempt, another one takes the alert over, under the
                // same id.
                if (!await store.TryClaimAsync(due, clock.GetUtcNow() + (4 * sender.Timeout), cancelled))
                {
                    continue;
                }

                WebhookOutcome outcome = await AttemptAsync(due.Alert, cancelled);
                Alert after = After(due.Alert, outcome);
                await store.ConcludeAsync(due, after, cancelled);
                Report(after);
                if (!outcome.HasAnswered)
                {
                    break;
                }
            }
        });
    }

    private static string ReceiverOf(Alert alert) =>
        Uri.TryCreate(alert.Receiver, UriKind.Absolute, out Uri? address) ? address.Authority : alert.Receiver!;

    private Task<WebhookOutcome> AttemptAsync(Alert alert, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> body = AlertEvent.Encode(alert, sender.Source);
        return sender.SendAsync(new WebhookMessage(alert.Receiver!, alert.Id, AlertEvent.ContentType, body), cancellationToken);
    }

    private Alert After(Alert alert, WebhookOutcome outcome)
    {
        int attempts = alert.Attempts + 1;
        DateTimeOffset now = clock.GetUtcNow();
        Alert after = alert with { Attempts = attempts, NextAttemptAt = null, LastError = outcome.Error };
        return outcome.Error is null ? after with { Status = DeliveryStatus.Delivered, DeliveredAt = now }
            : RetryPauses.After(attempts, outcome) is { } pause ? after with { NextAttemptAt = now + pause }
            : after with { Status = DeliveryStatus.Dead };
    }

    private void Report(Alert alert)
    {
        if (alert.Status == DeliveryStatus.Dead)
        {
            Log.Dead(logger, alert.Id, alert.Model, alert.Attempts, alert.LastError);
        }
        else if (alert.Status == DeliveryStatus.Pending)
        {
            Log.Failed(logger, alert.Id, alert.Model, alert.Attempts, alert.LastError);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5300, LogLevel.Warning, "Alert {Id} of '{Model}' was not delivered at attempt {Attempt}: {Error}")]
        public static partial void Failed(ILogger logger, string id, ModelName model, int attempt, string? error);

        [LoggerMessage(5301, LogLevel.Error, "Alert {Id} of '{Model}' is given up after {Attempts} attempts: {Error}")]
        public static partial void Dead(ILogger logger, string id, ModelName model, int attempts, string? error);
    }
}
