using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Modeldrop.Registry;
using Modeldrop.Webhooks;

namespace Modeldrop.Events;

/// <summary>
/// Sends the registry's events to the subscribers, to each in order, after its own cursor. A receiver that was away gets the missed events,
/// and a failing receiver delays no other.
/// </summary>
/// <remarks>
/// A run without subscriptions costs one transaction; without new events two more. Delivery is at least once: after a process is killed, up
/// to <see cref="SaveEvery"/> events are sent again, under the same ids. Several processes may run it at once.
/// </remarks>
public sealed partial class EventDelivery(
    RegistryFeed feed, SubscriptionStore store, WebhookSender sender, IOptions<EventOptions> options, TimeProvider clock,
    ILogger<EventDelivery> logger)
{
    /// <summary>Number of deliveries after which a subscriber's cursor is saved.</summary>
    public const int SaveEvery = 100;

    private const int MaxReceivers = 32;
    private const int ReadSize = 500;

    /// <returns>
    /// Whether there may be unsent events that need not wait for a back-off, because another run was sending and may not have seen them, or
    /// because the time of a run was over.
    /// </returns>
    public async Task<bool> DeliverAsync(CancellationToken cancellationToken)
    {
        StoredSubscription[] active = [.. (await store.ListAsync(cancellationToken))
            .Where(stored => stored.Subscription.Status == SubscriptionStatus.Active)];
        if (active.Length == 0)
        {
            return false;
        }

        await feed.PlaceAsync(cancellationToken);
        long end = await feed.EndAsync(cancellationToken);
        DateTimeOffset now = clock.GetUtcNow();
        StoredSubscription[] due = [.. active.Where(stored => stored.Subscription.Cursor < end
            && !(stored.Subscription.NextAttemptAt > now))];
        StoredSubscription[] free = [.. due.Where(stored => !(stored.ClaimedUntil > now))];
        int left = due.Length - free.Length;
        var width = new ParallelOptions { MaxDegreeOfParallelism = MaxReceivers, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(free, width, async (stored, cancelled) =>
        {
            if (!await SendAsync(stored, end, cancelled))
            {
                Interlocked.Increment(ref left);
            }
        });
        return left > 0;
    }

    /// <returns>False: there is more to send, and no back-off applies.</returns>
    private async Task<bool> SendAsync(StoredSubscription stored, long end, CancellationToken cancellationToken)
    {
        DateTimeOffset until = clock.GetUtcNow() + options.Value.MaxRunTime;

        // Longer than a run and its last attempt. If the process dies during the run, a later run sends the rest.
        DateTimeOffset claim = until + (4 * sender.Timeout);
        if (await store.TryUpdateAsync(stored, stored.Subscription, claim, cancellationToken) is not { } mine)
        {
            return false;
        }

        Subscription now = mine.Subscription;
        try
        {
            for (bool goesOn = true; goesOn && now.Cursor < end;)
            {
                IReadOnlyList<FeedEntry> entries = await feed.ReadAsync(
                    now.Cursor, Math.Min(end, now.Cursor + ReadSize), cancellationToken);
                for (int next = 0; goesOn && next < entries.Count; next++)
                {
                    now = await StepAsync(now, entries[next], cancellationToken);
                    goesOn = now.Attempts == 0 && clock.GetUtcNow() < until;
                    if (now.Delivered - mine.Subscription.Delivered >= SaveEvery)
                    {
                        if (await store.TryUpdateAsync(mine, now, claim, cancellationToken) is not { } saved)
                        {
                            // Deleted, or resumed from another cursor.
                            return false;
                        }

                        mine = saved;
                    }
                }
            }

            return now.Cursor >= end || now.Attempts > 0;
        }
        finally
        {
            // Saved even when the process is stopping, so that delivered events are not sent again.
            await store.TryUpdateAsync(mine, now, claimedUntil: null, CancellationToken.None);
        }
    }

    /// <summary>Sends one event, if it is for the subscriber.</summary>
    private async Task<Subscription> StepAsync(Subscription subscription, FeedEntry entry, CancellationToken cancellationToken)
    {
        if (!new EventFilter(subscription.Models, subscription.Types).Takes(entry))
        {
            return subscription with { Cursor = entry.Position };
        }

        // The message's id: a position always means the same event. The signature's format forbids full stops, which a model's name may
        // contain.
        string id = $"evt_{FeedCursor.Of(entry.Position)}";
        var message = new WebhookMessage(
            subscription.Receiver, id, EventDocument.ContentType, EventDocument.Encode(entry, sender.Source));
        WebhookOutcome outcome = await sender.SendAsync(message, cancellationToken);
        DateTimeOffset now = clock.GetUtcNow();
        if (outcome.Error is null)
        {
            return subscription with
            {
                Cursor = entry.Position,
                Delivered = subscription.Delivered + 1,
                Attempts = 0,
                NextAttemptAt = null,
                LastDeliveredAt = now,
                LastError = null,
            };
        }

        int attempts = subscription.Attempts + 1;
        if (RetryPauses.After(attempts, outcome) is { } pause)
        {
            Log.Failed(logger, id, subscription.Id, attempts, outcome.Error);
            return subscription with { Attempts = attempts, NextAttemptAt = now + pause, LastError = outcome.Error };
        }

        Log.Dead(logger, subscription.Id, id, attempts, outcome.Error);
        return subscription with
        {
            Status = SubscriptionStatus.Dead, Attempts = attempts, NextAttemptAt = null, LastError = outcome.Error,
        };
    }

    private static partial class Log
    {
        [LoggerMessage(5600, LogLevel.Warning, "Event {Id} was not delivered to subscription {Subscription} at attempt {Attempt}: {Error}")]
        public static partial void Failed(ILogger logger, string id, string subscription, int attempt, string? error);

        [LoggerMessage(
            5601, LogLevel.Error, "Subscription {Subscription} is given up at event {Id} after {Attempts} attempts: {Error}")]
        public static partial void Dead(ILogger logger, string subscription, string id, int attempts, string? error);
    }
}
