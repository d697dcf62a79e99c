using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Modeldrop.Storage;

namespace Modeldrop.Events;

/// <summary>A subscription as read, with the ETag and the lease time that a writer needs.</summary>
internal sealed record StoredSubscription(Subscription Subscription, DateTimeOffset? ClaimedUntil, ETag ETag);

/// <summary>The table of subscriptions: one partition, one row per subscription, written under its ETag.</summary>
public sealed class SubscriptionStore(StorageAccount account)
{
    private const string Partition = "subscriptions";
    private const string What = "the subscriptions";
    private const string ClaimedUntil = "ClaimedUntil";

    private readonly TableClient _table = account.Table(TableNames.Subscriptions);

    /// <summary>All subscriptions, the oldest first. One query.</summary>
    internal async Task<IReadOnlyList<StoredSubscription>> ListAsync(CancellationToken cancellationToken)
    {
        string filter = TableClient.CreateQueryFilter($"PartitionKey eq {Partition}");
        AsyncPageable<TableEntity> rows = _table.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken);
        return await StoreCall.EnumerateAsync(What, rows, cancellationToken).Select(Read).ToListAsync(cancellationToken);
    }

    internal Task<StoredSubscription?> FindAsync(string id, CancellationToken cancellationToken) =>
        StoreCall.RunAsync(What, async () =>
        {
            NullableResponse<TableEntity> row = await _table.GetEntityIfExistsAsync<TableEntity>(
                Partition, id, cancellationToken: cancellationToken);
            return row.HasValue ? Read(row.Value!) : null;
        });

    internal Task AddAsync(Subscription subscription, CancellationToken cancellationToken) =>
        StoreCall.RunAsync(What, () => _table.AddEntityAsync(Row(subscription, claimedUntil: null), cancellationToken));

    /// <summary>Writes the new state.</summary>
    /// <param name="claimedUntil">No other run sends to the subscriber before this time; null: it is free.</param>
    /// <returns>The stored state; null if another writer changed or deleted the subscription in the meantime.</returns>
    internal Task<StoredSubscription?> TryUpdateAsync(
        StoredSubscription stored, Subscription now, DateTimeOffset? claimedUntil, CancellationToken cancellationToken) =>
        StoreCall.RunAsync(What, async () =>
        {
            try
            {
                Response response = await _table.UpdateEntityAsync(
                    Row(now, claimedUntil), stored.ETag, TableUpdateMode.Replace, cancellationToken);
                return new StoredSubscription(now, claimedUntil, response.Headers.ETag!.Value);
            }
            catch (RequestFailedException exception) when (exception.Status is 404 or 412)
            {
                return null;
            }
        });

    internal Task DeleteAsync(string id, CancellationToken cancellationToken) =>
        StoreCall.RunAsync(What, () => _table.DeleteEntityAsync(Partition, id, ETag.All, cancellationToken));

    private static TableEntity Row(Subscription subscription, DateTimeOffset? claimedUntil)
    {
        var row = new TableEntity(Partition, subscription.Id) { [ClaimedUntil] = claimedUntil };
        row.WriteChunks(JsonSerializer.SerializeToUtf8Bytes(subscription, StoredJson.Options));
        return row;
    }

    private static StoredSubscription Read(TableEntity row) => new(
        JsonSerializer.Deserialize<Subscription>(row.ReadChunks(), StoredJson.Options)!, row.GetDateTimeOffset(ClaimedUntil), row.ETag);
}
