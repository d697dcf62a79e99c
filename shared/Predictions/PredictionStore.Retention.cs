using Azure.Data.Tables;
using Azure.Storage.Blobs.Models;
using Modeldrop.Names;
using Modeldrop.Storage;

namespace Modeldrop.Predictions;

public sealed partial class PredictionStore
{
    private const int MaxRowsPerTransaction = 100;

    /// <summary>Whether the log has any record of the version.</summary>
    /// <param name="since">Start of the search: no record is older.</param>
    public async Task<bool> HasRecordsAsync(VersionName version, DateTimeOffset since, CancellationToken cancellationToken) =>
        await ListPacksAsync(
            version, since, DateTimeOffset.MaxValue, cancellationToken).AnyAsync(cancellationToken);

    /// <summary>Deletes the packs of all whole hours before an instant, rows first, so that no row refers to a deleted blob.</summary>
    /// <returns>Number of rows and blobs.</returns>
    public async Task<(int Packs, int Blobs)> DeleteBeforeAsync(
        DateTimeOffset instant, CancellationToken cancellationToken)
    {
        uint horizon = PredictionId.HourOf(instant);
        int packs = 0;
        string? last = null;
        while (await FindNextKeyAsync(last, cancellationToken) is { } key)
        {
            LogPartition partition = LogPartition.Parse(key);
            if (partition.Hour >= horizon)
            {
                // Hours ascend within a model: continue with the next model.
                last = LogPartition.KeyAbove(partition.ModelHash);
                continue;
            }

            packs += await DeletePartitionAsync(key, cancellationToken);
            last = key;
        }

        return (
            packs,
            await DeleteBlobsAsync(blob => LogPartition.Parse(blob.Name[..LogPartition.KeyLength]).Hour < horizon, cancellationToken));
    }

    /// <summary>Deletes blobs of an interval whose row was never written because the writer died.</summary>
    /// <param name="to">So long ago that any writer has given up.</param>
    public async Task<int> DeleteOrphanBlobsAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        HashSet<string> named = [];
        HashSet<string> read = [];
        int deleted = 0;
        await foreach (BlobItem blob in BlobsAsync(cancellationToken))
        {
            if (blob.Properties.LastModified < from || blob.Properties.LastModified >= to)
            {
                continue;
            }

            string partition = blob.Name[..LogPartition.KeyLength];
            if (read.Add(partition))
            {
                named.UnionWith(await BlobNamesAsync(partition, cancellationToken));
            }

            if (!named.Contains(blob.Name))
            {
                await StoreCall.RunAsync(What, () => _blobs.DeleteBlobIfExistsAsync(blob.Name, cancellationToken: cancellationToken));
                deleted++;
            }
        }

        return deleted;
    }

    private async Task<string?> FindNextKeyAsync(string? after, CancellationToken cancellationToken)
    {
        string filter = TableClient.CreateQueryFilter($"PartitionKey gt {after ?? ""}");
        await foreach (Azure.Page<TableEntity> page in PagesAsync(filter, 1, ["PartitionKey"], cancellationToken))
        {
            if (page.Values.Count > 0)
            {
                return page.Values[0].PartitionKey;
            }
        }

        return null;
    }

    private async Task<int> DeletePartitionAsync(string key, CancellationToken cancellationToken)
    {
        List<TableEntity> rows = [];
        string filter = TableClient.CreateQueryFilter($"PartitionKey eq {key}");
        await foreach (Azure.Page<TableEntity> page in PagesAsync(filter, null, ["PartitionKey", "RowKey"], cancellationToken))
        {
            rows.AddRange(page.Values);
        }

        foreach (TableEntity[] some in rows.Chunk(MaxRowsPerTransaction))
        {
            await StoreCall.RunAsync(What, () => _table.SubmitTransactionAsync(
                some.Select(row => new TableTransactionAction(TableTransactionActionType.Delete, row, Azure.ETag.All)), cancellationToken));
        }

        return rows.Count;
    }

    private async Task<int> DeleteBlobsAsync(Func<BlobItem, bool> isOld, CancellationToken cancellationToken)
    {
        int deleted = 0;
        await foreach (BlobItem blob in BlobsAsync(cancellationToken))
        {
            if (isOld(blob))
            {
                await StoreCall.RunAsync(What, () => _blobs.DeleteBlobIfExistsAsync(blob.Name, cancellationToken: cancellationToken));
                deleted++;
            }
        }

        return deleted;
    }

    private IAsyncEnumerable<BlobItem> BlobsAsync(CancellationToken cancellationToken) =>
        StoreCall.EnumerateAsync(What, _blobs.GetBlobsAsync(cancellationToken: cancellationToken), cancellationToken)
            .Where(blob => blob.Name.Length > LogPartition.KeyLength && blob.Name[LogPartition.KeyLength] == '/');

    private async Task<List<string>> BlobNamesAsync(string partition, CancellationToken cancellationToken)
    {
        List<string> names = [];
        await foreach (Azure.Page<TableEntity> page in PagesAsync(
                TableClient.CreateQueryFilter($"PartitionKey eq {partition}"), null, ["Blob"], cancellationToken))
        {
            names.AddRange(page.Values.Select(row => row.GetString("Blob")).OfType<string>());
        }

        return names;
    }
}
