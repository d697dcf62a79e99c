using Azure;
using Azure.Data.Tables;

namespace Modeldrop.LocalHost.Durable.Store;

/// <content>What goes: earlier runs, and instances that nobody needs any more.</content>
internal sealed partial class DurableStore
{
    /// <summary>Deletes the histories of earlier runs.</summary>
    public async Task DeleteEarlierRunsAsync(InstanceRow instance, CancellationToken cancellationToken)
    {
        List<string> keys = await ListKeysAsync(instance.InstanceId, RowKeys.FirstHistory, RowKeys.AfterHistories, cancellationToken);
        await DeleteRowsAsync(instance.InstanceId, keys.FindAll(key => IsOfAnotherRun(key, instance)), cancellationToken);
        if (instance.HasBlobs)
        {
            foreach (string name in await _events.ListBlobsAsync(instance.InstanceId, exceptRun: instance.Execution, cancellationToken))
            {
                await _events.DeleteBlobAsync(name, cancellationToken);
            }
        }
    }

    /// <summary>Removes a finished instance with all that belongs to it. The row goes first: what a crash leaves behind belongs to no instance.</summary>
    /// <returns>Whether it was removed; false: it has been started again meanwhile, or is gone.</returns>
    public async Task<bool> PurgeAsync(InstanceRow instance, CancellationToken cancellationToken)
    {
        // Listed before the row goes: the id may be started anew at once, and that start's rows and blobs are not ours to delete.
        List<string> keys = await ListKeysAsync(instance.InstanceId, RowKeys.FirstHistory, RowKeys.AfterMessages, cancellationToken);
        List<string> blobs = await _events.ListBlobsAsync(instance.InstanceId, exceptRun: null, cancellationToken);
        try
        {
            await storage.Instances.DeleteEntityAsync(instance.InstanceId, RowKeys.Instance, instance.ETag, cancellationToken);
        }
        catch (RequestFailedException exception) when (exception.Status is 404 or 412)
        {
            return false;
        }

        await DeleteRowsAsync(instance.InstanceId, keys.FindAll(key => key != RowKeys.Instance), cancellationToken);
        foreach (string name in blobs)
        {
            await _events.DeleteBlobAsync(name, cancellationToken);
        }

        return true;
    }

    private async Task<List<string>> ListKeysAsync(string instanceId, string from, string to, CancellationToken cancellationToken)
    {
        var keys = new List<string>();
        await foreach (TableEntity row in storage.Instances.QueryAsync<TableEntity>(
            TableClient.CreateQueryFilter($"PartitionKey eq {instanceId} and RowKey ge {from} and RowKey lt {to}"),
            select: [nameof(TableEntity.RowKey)],
            cancellationToken: cancellationToken))
        {
            keys.Add(row.RowKey);
        }

        return keys;
    }
}
