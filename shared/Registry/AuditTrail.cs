using Modeldrop.Names;

namespace Modeldrop.Registry;

/// <summary>Selects entries of the audit trail.</summary>
/// <param name="Model">Null: all models.</param>
/// <param name="From">Start, inclusive; null: from the first entry.</param>
/// <param name="To">End, exclusive; null: up to the newest entry.</param>
/// <param name="Limit">Most entries to return, the newest of the period: 1 to <see cref="MaxLimit"/>.</param>
public sealed record AuditQuery(ModelName? Model, DateTimeOffset? From, DateTimeOffset? To, int Limit)
{
    public const int MaxLimit = 5_000;

    /// <summary>Returns whether the reader may see a model.</summary>
    public Func<ModelName, bool> Sees { get; init; } = _ => true;
}

/// <summary>An entry of the audit trail.</summary>
/// <param name="Model">A model's name or <see cref="ModelName.Unnamed"/>.</param>
public sealed record AuditEntry(ModelName Model, RegistryEvent Event);

/// <summary>The newest entries of a period.</summary>
/// <param name="Entries">By time, the oldest first; entries with the same time by model and sequence.</param>
/// <param name="More">Whether older entries of the period are left out.</param>
public sealed record AuditPage(IReadOnlyList<AuditEntry> Entries, bool More);

/// <summary>Shows who did what, when and why. For one model it reads the model's log, for all models the feed from its end.</summary>
/// <remarks>
/// The feed has events in the order in which they were placed. That is nearly their order in time, but events that were placed in one batch
/// may be swapped. So both ends of a period are searched <see cref="RegistryFeed.MaxEntries"/> positions further out.
/// </remarks>
public sealed class AuditTrail(RegistryStore store, RegistryFeed feed)
{
    // Most reads of the feed for one answer: a filter that few entries pass must not read the whole feed in one request.
    private const int MaxReads = 20;

    /// <summary>
    /// Costs one storage request for one model. For all models it costs four, one more for each 1,000 entries, and some twenty for a past
    /// period.
    /// </summary>
    public async Task<AuditPage> ReadAsync(AuditQuery query, CancellationToken cancellationToken)
    {
        (List<AuditEntry> found, bool cut) = query.Model is { } model
            ? (await ReadModelAsync(model, query, cancellationToken), false)
            : await ReadFeedAsync(query, cancellationToken);
        IEnumerable<AuditEntry> byTime = found.OrderBy(entry => entry.Event.At)
            .ThenBy(entry => entry.Model.Value, StringComparer.Ordinal)
            .ThenBy(entry => entry.Event.Sequence);
        return new AuditPage([.. byTime.TakeLast(query.Limit)], cut || found.Count > query.Limit);
    }

    private async Task<List<AuditEntry>> ReadModelAsync(ModelName model, AuditQuery query, CancellationToken cancellationToken) =>
        await store.ReadEventsAsync(model, query.From, query.To, cancellationToken)
            .Where(_ => query.Sees(model))
            .Select(happened => new AuditEntry(model, happened))
            .ToListAsync(cancellationToken);

    private async Task<(List<AuditEntry> Found, bool Cut)> ReadFeedAsync(AuditQuery query, CancellationToken cancellationToken)
    {
        await feed.PlaceAsync(cancellationToken);
        long through = await FindEndAsync(query.To, cancellationToken);
        List<AuditEntry> found = [];
        for (int read = 0; read < MaxReads && through > 0; read++)
        {
            long after = Math.Max(0, through - RegistryFeed.MaxEntries);
            IReadOnlyList<FeedEntry> entries = await feed.ReadAsync(after, through, cancellationToken);
            found.AddRange(entries
                .Where(entry => !(entry.Event.At < query.From) && !(entry.Event.At >= query.To) && query.Sees(entry.Model))
                .Select(entry => new AuditEntry(entry.Model, entry.Event)));
            through = after;
            if (found.Count > query.Limit || entries.All(entry => entry.Event.At < query.From))
            {
                return (found, Cut: false);
            }
        }

        return (found, Cut: through > 0);
    }

    /// <summary>Finds by bisection a position after which there is no event before <paramref name="to"/>.</summary>
    private async Task<long> FindEndAsync(DateTimeOffset? to, CancellationToken cancellationToken)
    {
        long end = await feed.EndAsync(cancellationToken);
        if (to is null || end <= RegistryFeed.MaxEntries || await IsBeforeAsync(end))
        {
            return end;
        }

        (long before, long behind) = (0, end);
        while (behind - before > 1)
        {
            long middle = before + ((behind - before) / 2);
            (before, behind) = await IsBeforeAsync(middle) ? (middle, behind) : (before, middle);
        }

        return Math.Min(end, before + RegistryFeed.MaxEntries);

        async Task<bool> IsBeforeAsync(long position) =>
            (await feed.ReadAsync(position - 1, position, cancellationToken)).Single().Event.At < to;
    }
}
