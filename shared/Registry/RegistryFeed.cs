using Azure;
using Azure.Data.Tables;
using Modeldrop.Names;
using Modeldrop.Storage;

namespace Modeldrop.Registry;

/// <summary>An event at its position in the feed.</summary>
/// <param name="Position">Counted from 1 over all models, without gaps.</param>
/// <param name="Model">A model's name or <see cref="ModelName.Unnamed"/>.</param>
public sealed record FeedEntry(long Position, ModelName Model, RegistryEvent Event);

/// <summary>The events of all models in one order, so that a reader's cursor is one number.</summary>
/// <remarks>
/// An append writes a row, in its own transaction, that names its events which have no position yet. Reading the feed places them: one
/// transaction deletes such rows, adds the events at the next positions and moves the end under its ETag. So each event has exactly one
/// position, no writer of one model waits for those of another, and entries before a reader's cursor never change. Events of one model keep
/// their order. Thread-safe.
/// </remarks>
public sealed class RegistryFeed(StorageAccount account)
{
    /// <summary>Most events of one read: a page of the table.</summary>
    public const int MaxEntries = 1_000;

    private const string What = "the registry's feed";

    // A transaction has at most 100 rows and 4 MiB. The events of one append always fit: they were written in one transaction.
    private const int MaxActions = 100;
    private const int MaxBytes = 2 * 1024 * 1024;

    // Most rounds of one call. After that, readers get the events placed so far, and the next call goes on.
    private const int MaxRounds = 40;

    private readonly TableClient _table = account.Table(TableNames.Registry);

    /// <summary>Assigns positions to events that have none. One query if there are no such events.</summary>
    public async Task PlaceAsync(CancellationToken cancellationToken)
    {
        int lost = 0;
        for (int round = 0; round < MaxRounds && await ReadUnplacedAsync(cancellationToken) is { Count: > 0 } unplaced; round++)
        {
            if (!await StoreCall.RunAsync(What, () => TryPlaceAsync(unplaced, cancellationToken)))
            {
                await StoreBackOff.WaitAsync(++lost, cancellationToken);
            }
        }
    }

    /// <summary>Reads the events after one position up to another, in order, by one query.</summary>
    /// <param name="after">0: from the first event.</param>
    /// <param name="through">At most <see cref="EndAsync"/>, and at most <see cref="MaxEntries"/> after <paramref name="after"/>.</param>
    public async Task<IReadOnlyList<FeedEntry>> ReadAsync(long after, long through, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(through - after, MaxEntries, nameof(through));
        AsyncPageable<TableEntity> rows = _table.QueryAsync<TableEntity>(
            RegistryRows.Feed(after + 1, through), cancellationToken: cancellationToken);
        return await StoreCall.EnumerateAsync(What, rows, cancellationToken)
            .Select(row => (Position: RegistryRows.PositionOf(row), Read: RegistryRows.ReadEvent(row)))
            .Select(row => new FeedEntry(row.Position, row.Read.Model, row.Read.Event))
            .ToListAsync(cancellationToken);
    }

    /// <summary>Returns the last position; 0: the feed is empty. One point read.</summary>
    public async Task<long> EndAsync(CancellationToken cancellationToken) => (await ReadEndAsync(cancellationToken)).Position;

    // One page in the order of the keys: within a model, the oldest appends come first.
    private Task<IReadOnlyList<TableEntity>> ReadUnplacedAsync(CancellationToken cancellationToken) =>
        StoreCall.RunAsync<IReadOnlyList<TableEntity>>(What, async () =>
        {
            AsyncPageable<TableEntity> rows = _table.QueryAsync<TableEntity>(
                RegistryRows.AllUnplaced(), MaxActions, cancellationToken: cancellationToken);
            await foreach (Page<TableEntity> page in rows.AsPages())
            {
                if (page.Values.Count > 0)
                {
                    return page.Values;
                }
            }

            return [];
        });

    private async Task<bool> TryPlaceAsync(IReadOnlyList<TableEntity> unplaced, CancellationToken cancellationToken)
    {
        (long end, ETag? etag) = await ReadEndAsync(cancellationToken);
        List<TableTransactionAction> actions = [];
        long bytes = 0;
        foreach (IGrouping<string, TableEntity> ofModel in unplaced.GroupBy(row => row.GetString(RegistryRows.ModelColumn)))
        {
            List<(TableEntity Row, List<TableEntity> Events)> appends = await ReadAppendsAsync([.. ofModel], cancellationToken);
            foreach ((TableEntity row, List<TableEntity> events) in appends)
            {
                bytes += events.Sum(BytesOf);
                if (actions.Count > 0 && (actions.Count + events.Count + 2 > MaxActions || bytes > MaxBytes))
                {
                    return await TrySubmitAsync(actions, end, etag, cancellationToken);
                }

                actions.Add(new TableTransactionAction(TableTransactionActionType.Delete, row, row.ETag));
                actions.AddRange(events.Select(
                    stored => new TableTransactionAction(TableTransactionActionType.Add, RegistryRows.Placed(stored, ++end))));
            }
        }

        return await TrySubmitAsync(actions, end, etag, cancellationToken);
    }

    /// <summary>Reads the events of some appends of one model by one query.</summary>
    private async Task<List<(TableEntity Row, List<TableEntity> Events)>> ReadAppendsAsync(
        IReadOnlyList<TableEntity> rows, CancellationToken cancellationToken)
    {
        (ModelName model, long from, _) = RegistryRows.ReadUnplaced(rows[0]);
        long through = RegistryRows.ReadUnplaced(rows[^1]).Through;
        string filter = RegistryRows.EventsOf(model, from, through);
        Dictionary<long, TableEntity> events = await _table.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken)
            .ToDictionaryAsync(RegistryRows.SequenceOf, cancellationToken: cancellationToken);
        return [.. rows.Select(row => (row, EventsOf(row)))];

        List<TableEntity> EventsOf(TableEntity row)
        {
            (_, long first, long last) = RegistryRows.ReadUnplaced(row);
            return [.. Enumerable.Range(0, (int)(last - first + 1)).Select(offset => events[first + offset])];
        }
    }

    private async Task<bool> TrySubmitAsync(
        List<TableTransactionAction> actions, long end, ETag? etag, CancellationToken cancellationToken)
    {
        TableEntity last = RegistryRows.FeedEnd(end);
        actions.Add(etag is { } match
            ? new TableTransactionAction(TableTransactionActionType.UpdateReplace, last, match)
            : new TableTransactionAction(TableTransactionActionType.Add, last));
        try
        {
            await _table.SubmitTransactionAsync(actions, cancellationToken);
            return true;
        }
        catch (TableTransactionFailedException exception) when (exception.Status is 404 or 409 or 412)
        {
            return false;
        }
    }

    private async Task<(long Position, ETag? ETag)> ReadEndAsync(CancellationToken cancellationToken)
    {
        NullableResponse<TableEntity> row = await StoreCall.RunAsync(What, () => _table.GetEntityIfExistsAsync<TableEntity>(
            RegistryRows.Partition, RegistryRows.FeedEndKey, cancellationToken: cancellationToken));
        return row.HasValue ? (row.Value!.GetInt64(RegistryRows.FeedEndValue)!.Value, row.Value.ETag) : (0, null);
    }

    private static long BytesOf(TableEntity row) => row.Sum(property => property.Value is byte[] bytes ? bytes.Length : 100L);
}
