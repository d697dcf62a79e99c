using System.Runtime.CompilerServices;
using Azure;
using Azure.Data.Tables;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Storage;

namespace Modeldrop.Monitoring.Profiles;

/// <summary>One stored hour of a version.</summary>
/// <param name="Hour">Event time, in hours since 1970-01-01T00Z.</param>
/// <param name="Fold">The last fold added to the hour.</param>
public sealed record HourRow(long Hour, long Fold, HourProfile Profile);

/// <summary>The number of requests of a version in one hour.</summary>
public sealed record HourTraffic(long Hour, long Requests);

/// <summary>Stores the hours of versions: one partition per version, one row per hour and reference.</summary>
public sealed class ProfileStore(StorageAccount account)
{
    private const int MaxTransactionBytes = 2_700_000;
    private const int MaxTransactionRows = 90;

    private readonly TableClient _table = account.Table(TableNames.Profiles);

    /// <summary>
    /// Reads the hours of a version, in order, from <paramref name="fromHour"/> up to but not including <paramref name="toHour"/>.
    /// </summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.StoreUnavailable"/>.</exception>
    public async IAsyncEnumerable<HourRow> ReadAsync(
        VersionName version, long fromHour, long toHour, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (TableEntity entity in QueryAsync(
                PartitionOf(version), Hours.ToKey(fromHour), Hours.ToKey(toHour), cancellationToken))
        {
            yield return ToRow(entity);
        }
    }

    /// <summary>
    /// Reads the number of requests by hour, from <paramref name="fromHour"/> up to but not including <paramref name="toHour"/>, without
    /// the counts of features. One transaction for up to 1,000 hours.
    /// </summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.StoreUnavailable"/>.</exception>
    public async Task<IReadOnlyList<HourTraffic>> ReadTrafficAsync(
        VersionName version, long fromHour, long toHour, CancellationToken cancellationToken)
    {
        string[] columns = ["RowKey", nameof(HourProfile.Records)];
        return await QueryAsync(
            PartitionOf(version), Hours.ToKey(fromHour), Hours.ToKey(toHour), cancellationToken, columns)
            .Select(entity => new HourTraffic(
                Hours.FromKey(entity.RowKey[..10]), entity.GetInt64(nameof(HourProfile.Records)) ?? 0))
            .ToListAsync(cancellationToken);
    }

    /// <summary>
    /// Adds the counts of fold <paramref name="fold"/> to the hours of a version. Each hour accepts a fold once, so the call may be
    /// repeated, and several processes may make it at once, as long as all bring the same counts.
    /// </summary>
    /// <returns>Number of rows changed.</returns>
    public async Task<int> ApplyAsync(
        VersionName version, long fold, IReadOnlyDictionary<long, HourProfile> hours, CancellationToken cancellationToken)
    {
        int changed = 0;
        foreach (List<KeyValuePair<long, HourProfile>> batch in Batches(hours))
        {
            changed += await ApplyBatchAsync(PartitionOf(version), fold, batch, cancellationToken);
        }

        return changed;
    }

    private static string PartitionOf(VersionName version) => $"p!{version.Model}!{version.Number:d6}";

    /// <summary>The key includes the reference, so counts of different bins are never added in one row.</summary>
    private static string RowKeyOf(long hour, string? reference) => $"{Hours.ToKey(hour)}!{reference?[..12] ?? "none"}";

    private static HourRow ToRow(TableEntity entity) =>
        new(Hours.FromKey(entity.RowKey[..10]), entity.GetInt64(nameof(HourRow.Fold))!.Value, HourProfileCodec.Decode(entity.ReadChunks()));

    /// <summary>Splits the hours into runs of close hours, so that one query reads a run and nothing else.</summary>
    private static IEnumerable<List<KeyValuePair<long, HourProfile>>> Batches(IReadOnlyDictionary<long, HourProfile> hours)
    {
        var batch = new List<KeyValuePair<long, HourProfile>>();
        foreach (KeyValuePair<long, HourProfile> hour in hours.OrderBy(pair => pair.Key))
        {
            if (batch.Count == MaxTransactionRows || (batch.Count > 0 && hour.Key - batch[^1].Key > 24))
            {
                yield return batch;
                batch = [];
            }

            batch.Add(hour);
        }

        if (batch.Count > 0)
        {
            yield return batch;
        }
    }

    private async Task<int> ApplyBatchAsync(
        string partition, long fold, List<KeyValuePair<long, HourProfile>> batch, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var stored = new Dictionary<string, TableEntity>();
            await foreach (TableEntity entity in QueryAsync(
                    partition, Hours.ToKey(batch[0].Key), Hours.ToKey(batch[^1].Key + 1), cancellationToken))
            {
                stored[entity.RowKey] = entity;
            }

            List<TableTransactionAction> actions = [
                .. batch.Select(hour => Action(partition, fold, hour, stored)).OfType<TableTransactionAction>()];
            if (await TrySubmitAsync(actions, cancellationToken))
            {
                return actions.Count;
            }
        }
    }

    private static TableTransactionAction? Action(
        string partition, long fold, KeyValuePair<long, HourProfile> hour, Dictionary<string, TableEntity> stored)
    {
        (long key, HourProfile added) = hour;
        string rowKey = RowKeyOf(key, added.Reference);
        HourProfile sum = HourProfileCodec.Decode(HourProfileCodec.Encode(added));
        if (stored.TryGetValue(rowKey, out TableEntity? old))
        {
            HourRow row = ToRow(old);
            if (row.Fold >= fold)
            {
                return null;
            }

            sum.Add(row.Profile);
        }

        var entity = new TableEntity(partition, rowKey)
        {
            [nameof(HourRow.Fold)] = fold,
            [nameof(HourProfile.Records)] = sum.Records,
            [nameof(HourProfile.Rows)] = sum.Rows,
        };
        entity.WriteChunks(HourProfileCodec.Encode(sum));
        return old is null
            ? new TableTransactionAction(TableTransactionActionType.Add, entity)
            : new TableTransactionAction(TableTransactionActionType.UpdateReplace, entity, old.ETag);
    }

    /// <summary>False when another process was faster; the rows are then read again.</summary>
    private async Task<bool> TrySubmitAsync(List<TableTransactionAction> actions, CancellationToken cancellationToken)
    {
        int start = 0;
        while (start < actions.Count)
        {
            int end = start;
            int bytes = 0;
            do
            {
                bytes += 1024 + ((TableEntity)actions[end].Entity).ReadChunks().Length;
                end++;
            }
            while (end < actions.Count && bytes < MaxTransactionBytes - ChunkedProperties.MaxBytes);

            try
            {
                await _table.SubmitTransactionAsync(actions[start..end], cancellationToken);
            }
            catch (RequestFailedException exception) when (exception.Status is 409 or 412)
            {
                return false;
            }
            catch (Exception exception) when (exception.IsStorageFailure())
            {
                throw exception.ToUnavailable("the profiles");
            }

            start = end;
        }

        return true;
    }

    private async IAsyncEnumerable<TableEntity> QueryAsync(
        string partition, string from, string below, [EnumeratorCancellation] CancellationToken cancellationToken,
        string[]? select = null)
    {
        string filter = TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey ge {from} and RowKey lt {below}");
        await using IAsyncEnumerator<Page<TableEntity>> pages = _table
            .QueryAsync<TableEntity>(filter, select: select, cancellationToken: cancellationToken)
            .AsPages().GetAsyncEnumerator(cancellationToken);
        do
        {
            try
            {
                await pages.MoveNextAsync();
            }
            catch (Exception exception) when (exception.IsStorageFailure())
            {
                throw exception.ToUnavailable("the profiles");
            }

            foreach (TableEntity entity in pages.Current.Values)
            {
                yield return entity;
            }
        }
        while (pages.Current.ContinuationToken is not null);
    }
}
