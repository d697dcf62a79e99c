using System.Text.Json;
using Modeldrop.Errors;
using Modeldrop.Registry;
using Modeldrop.Webhooks;

namespace Modeldrop.Events;

/// <summary>A page of events.</summary>
/// <param name="Events">CloudEvents 1.0, oldest first.</param>
/// <param name="Next">The value of <c>after=</c> for the next page; present even if there is no event.</param>
/// <param name="More">Whether more events can be read now.</param>
public sealed record EventPage(IReadOnlyList<JsonElement> Events, string Next, bool More);

/// <summary>Reads the registry's events, in one order without gaps.</summary>
public sealed class EventService(RegistryFeed feed, WebhookSender sender)
{
    public const int MaxLimit = RegistryFeed.MaxEntries;

    // Reads of the table for one answer: a filter that matches few events must not read the whole feed in one request.
    private const int MaxReads = 5;

    /// <summary>The events after a cursor that match the filter. Costs three requests, up to eleven if few events match.</summary>
    /// <param name="after">A cursor; null: from the first event.</param>
    /// <exception cref="ServiceException"><see cref="ErrorCode.InvalidRequest"/> for an invalid cursor.</exception>
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

    /// <summary>The position after the last event.</summary>
    public async Task<long> LatestAsync(CancellationToken cancellationToken)
    {
        await feed.PlaceAsync(cancellationToken);
        return await feed.EndAsync(cancellationToken);
    }
}
