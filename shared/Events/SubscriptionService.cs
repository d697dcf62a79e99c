using Microsoft.Extensions.Options;
using Modeldrop.Errors;
using Modeldrop.Names;

namespace Modeldrop.Events;

/// <summary>Manages the subscriptions to the registry's events.</summary>
public sealed class SubscriptionService(
    SubscriptionStore store, EventService events, EventSignal signal, IOptions<EventOptions> options, TimeProvider clock)
{
    private const int MaxReceiverLength = 2_000;
    private const int MaxItems = 50;

    // At most one or two deliveries write at the same time.
    private const int MaxAttempts = 20;

    public async Task<SubscriptionList> ListAsync(CancellationToken cancellationToken) =>
        new([.. (await store.ListAsync(cancellationToken)).Select(stored => stored.Subscription).OrderBy(one => one.CreatedAt)]);

    /// <exception cref="ServiceException"><see cref="ErrorCode.FileNotFound"/>.</exception>
    public async Task<Subscription> GetAsync(string id, CancellationToken cancellationToken) =>
        (await FindAsync(id, cancellationToken)).Subscription;

    /// <exception cref="ServiceException"><see cref="ErrorCode.InvalidRequest"/> with all violations.</exception>
    public async Task<Subscription> CreateAsync(NewSubscription wanted, string createdBy, CancellationToken cancellationToken)
    {
        long latest = await events.LatestAsync(cancellationToken);
        List<string> violations = [.. Check(wanted)];
        long? cursor = ReadCursor(wanted.After, latest, violations);
        int count = (await store.ListAsync(cancellationToken)).Count;
        if (count >= options.Value.MaxSubscriptions)
        {
            violations.Add($"There are {count} subscriptions, the maximum (Events__MaxSubscriptions); delete one first.");
        }

        if (violations.Count > 0)
        {
            throw new ServiceException(ErrorCode.InvalidRequest, violations);
        }

        DateTimeOffset now = clock.GetUtcNow();
        var subscription = new Subscription(
            Guid.CreateVersion7(now).ToString("N"), wanted.Receiver!, [.. (wanted.Models ?? []).Distinct()],
            [.. (wanted.Types ?? []).Distinct()], SubscriptionStatus.Active, cursor ?? latest, Delivered: 0, Attempts: 0,
            NextAttemptAt: null, LastDeliveredAt: null, LastError: null, now, createdBy);
        await store.AddAsync(subscription, cancellationToken);
        signal.Give();
        return subscription;
    }

    /// <returns>The deleted subscription.</returns>
    /// <exception cref="ServiceException"><see cref="ErrorCode.FileNotFound"/>.</exception>
    public async Task<Subscription> DeleteAsync(string id, CancellationToken cancellationToken)
    {
        Subscription subscription = await GetAsync(id, cancellationToken);
        await store.DeleteAsync(id, cancellationToken);
        return subscription;
    }

    /// <summary>Resumes a dead subscription, or retries a waiting one at once.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.FileNotFound"/>; <see cref="ErrorCode.InvalidRequest"/>.</exception>
    public async Task<Subscription> ResumeAsync(string id, SubscriptionResume wish, CancellationToken cancellationToken)
    {
        List<string> violations = [];
        long latest = wish.After is null ? 0 : await events.LatestAsync(cancellationToken);
        long? cursor = ReadCursor(wish.After, latest, violations);
        if (violations.Count > 0)
        {
            throw new ServiceException(ErrorCode.InvalidRequest, violations);
        }

        for (int attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            StoredSubscription stored = await FindAsync(id, cancellationToken);
            Subscription resumed = stored.Subscription with
            {
                Status = SubscriptionStatus.Active,
                Attempts = 0,
                NextAttemptAt = null,
                Cursor = cursor ?? stored.Subscription.Cursor,
            };
            if (await store.TryUpdateAsync(stored, resumed, claimedUntil: null, cancellationToken) is not null)
            {
                signal.Give();
                return resumed;
            }
        }

        throw new ServiceException(ErrorCode.RegistryConflict, $"Others changed subscription '{id}' at the same time; try again.");
    }

    /// <param name="violations">Receives the violations.</param>
    private static long? ReadCursor(string? text, long latest, List<string> violations)
    {
        long? cursor = text is null ? null : FeedCursor.Find(text, latest);
        if (text is not null && cursor is null)
        {
            violations.Add(FeedCursor.Violation("'after'", text));
        }

        return cursor;
    }

    private static IEnumerable<string> Check(NewSubscription wanted)
    {
        if (wanted.Receiver is not { Length: > 0 and <= MaxReceiverLength } receiver
            || !Uri.TryCreate(receiver, UriKind.Absolute, out Uri? address)
            || (address.Scheme != Uri.UriSchemeHttps && address.Scheme != Uri.UriSchemeHttp)
            || address.UserInfo.Length > 0)
        {
            yield return $"'receiver' must be an absolute http or https address of at most {MaxReceiverLength} characters, without a "
                + "user name.";
        }

        foreach ((string name, IReadOnlyList<string>? items) in ((string, IReadOnlyList<string>?)[])[("models", wanted.Models),
            ("types", wanted.Types)])
        {
            if (items?.Count > MaxItems)
            {
                yield return $"'{name}' has {items.Count} items; at most {MaxItems} are accepted.";
            }
        }

        foreach (string model in (wanted.Models ?? []).Take(MaxItems).Where(model => ModelName.FindStored(model) is null))
        {
            yield return $"'{model}' in 'models' is not a model name.";
        }

        foreach (string violation in (wanted.Types ?? []).Take(MaxItems).Select(EventType.FindViolation).OfType<string>())
        {
            yield return violation;
        }
    }

    private async Task<StoredSubscription> FindAsync(string id, CancellationToken cancellationToken) =>
        (id.Length == 32 && id.All(char.IsAsciiLetterOrDigit) ? await store.FindAsync(id, cancellationToken) : null)
            ?? throw new ServiceException(ErrorCode.FileNotFound, $"There is no subscription '{id}'.");
}
