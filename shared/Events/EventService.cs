using System.Text.Json;
using Modeldrop.Errors;
using Modeldrop.Registry;
using Modeldrop.Webhooks;

namespace Modeldrop.Events;

/// <summary>A page of events.</summary>
/// <param name="Events">CloudEvents 1.0, oldest first.</param>
/// <param name="Next">What <c>after=</c> takes to go on; also when there is no event.</param>
/// <param name="More">Whether there is more to read at once.</param>
public sealed record EventPage(IReadOnlyList<JsonElement> Events, string Next, bool More);

/// <summary>What happened in the registry, in one order that a reader can go through without a gap.</summary>
public sealed class EventService(RegistryFeed feed, WebhookSender sender)
{
    public const int MaxLimit = RegistryFeed.MaxEntries;

    // Of the table, for one answer: a filter that few events pass must not read the whole feed in one request.
    private const int MaxReads = 5;

    /// <summary>Events behind a place, which pass the filter. Three requests; up to eleven where few events pass.</summary>
    /// <param name="after">A cursor; null: from the first.</param>
    /// <exception cref="ServiceException"><see cref="ErrorCode.InvalidRequest"/> for a cursor that is none.</exception>
    public async Task<EventPage> ReadAsync(string? after, EventFilter filter, int limit, CancellationToken cancellationToken)
    {
        await feed.PlaceAsync(cancellationToken);
        long end = await feed.EndAsync(cancellationToken);
        long position = after is null ? 0 : FeedCursor.Find(after, end)
            ?? throw new ServiceException(ErrorCode.InvalidRequest, FeedCursor.Violation("after", after));
        List<JsonElement> events = [];
        int size = filter is { Models.Count: 0, Types.Count: 0 } ? limit : RegistryFeed.MaxEntries;
        for (int read = 0; read < MaxReads && position < end && events.Count < limit; read++)
        {
            IReadOnlyList<FeedEntry> entries = await feed.ReadAsync(position, Math.Min(end, position + size), cancellationToken);
            foreach (FeedEntry entry in entries.TakeWhile(_ => events.Count < limit))
            {
                position = entry.Position;
                if (filter.Takes(entry))
                {
                    events.Add(EventDocument.ToJson(entry, sender.Source));
                }
            }
        }

        return new EventPage(events, FeedCursor.Of(position), position < end);
    }

    /// <summary>The place behind all that has happened.</summary>
    public async Task<long> LatestAsync(CancellationToken cancellationToken)
    {
        await feed.PlaceAsync(cancellationToken);
        return await feed.EndAsync(cancellationToken);
    }
}
