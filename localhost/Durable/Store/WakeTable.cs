using Azure;
using Azure.Data.Tables;

namespace Modeldrop.LocalHost.Durable.Store;

/// <summary>An instance that may have new messages; another write of the row has another ETag.</summary>
internal sealed record Wake(string InstanceId, ETag ETag);

/// <summary>Tells the leader which instances to look at, so that it need not look at all.</summary>
/// <remarks>
/// A client writes the row <em>before</em> its message: if it dies in between, the leader looks in vain; the other way round, nobody would look.
/// The leader therefore deletes a row only some time after it has first seen it, and only if it has not been written again.
/// </remarks>
internal sealed class WakeTable(DurableStorage storage)
{
    private const string Partition = "wake";
    private const int MaxTransaction = 100;

    public async Task WriteAsync(string instanceId, CancellationToken cancellationToken) =>
        await storage.Wakes.UpsertEntityAsync(new TableEntity(Partition, instanceId), TableUpdateMode.Replace, cancellationToken);

    public async Task<IReadOnlyList<Wake>> ListAsync(CancellationToken cancellationToken)
    {
        var wakes = new List<Wake>();
        await foreach (TableEntity row in storage.Wakes.QueryAsync<TableEntity>(row => row.PartitionKey == Partition, cancellationToken: cancellationToken))
        {
            wakes.Add(new Wake(row.RowKey, row.ETag));
        }

        return wakes;
    }

    /// <summary>Deletes the rows that have not been written again.</summary>
    public async Task DeleteAsync(IReadOnlyCollection<Wake> wakes, CancellationToken cancellationToken)
    {
        foreach (Wake[] chunk in wakes.Chunk(MaxTransaction))
        {
            try
            {
                await storage.Wakes.SubmitTransactionAsync(chunk.Select(Delete), cancellationToken);
            }
            catch (RequestFailedException exception) when (exception.Status is 404 or 412)
            {
                foreach (Wake wake in chunk)
                {
                    await TryDeleteAsync(wake, cancellationToken);
                }
            }
        }
    }

    private static TableTransactionAction Delete(Wake wake) =>
        new(TableTransactionActionType.Delete, new TableEntity(Partition, wake.InstanceId), wake.ETag);

    private async Task TryDeleteAsync(Wake wake, CancellationToken cancellationToken)
    {
        try
        {
            await storage.Wakes.DeleteEntityAsync(Partition, wake.InstanceId, wake.ETag, cancellationToken);
        }
        catch (RequestFailedException exception) when (exception.Status is 404 or 412)
        {
            // Written again: its time comes.
        }
    }
}
