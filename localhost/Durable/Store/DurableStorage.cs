using Azure.Data.Tables;
using Azure.Storage.Blobs;

namespace Modeldrop.LocalHost.Durable.Store;

/// <summary>The hub's tables and its container. The clients are made at first use: the connection may not be known before the host starts.</summary>
internal sealed class DurableStorage(string hubName, Func<TableServiceClient> tables, Func<BlobServiceClient> blobs)
{
    private readonly Lazy<TableServiceClient> _tables = new(tables);
    private readonly Lazy<BlobServiceClient> _blobs = new(blobs);

    /// <summary>Partition = instance id; rows as in <see cref="RowKeys"/>.</summary>
    public TableClient Instances => _tables.Value.GetTableClient(hubName + "Durable");

    /// <summary>Instances that may have new messages.</summary>
    public TableClient Wakes => _tables.Value.GetTableClient(hubName + "DurableWake");

    /// <summary>Payloads too long for a table row.</summary>
    public BlobContainerClient Large => _blobs.Value.GetBlobContainerClient(hubName.ToLowerInvariant() + "-large");

    public async Task EnsureCreatedAsync(CancellationToken cancellationToken) => await Task.WhenAll(
        Instances.CreateIfNotExistsAsync(cancellationToken),
        Wakes.CreateIfNotExistsAsync(cancellationToken),
        Large.CreateIfNotExistsAsync(cancellationToken: cancellationToken));
}
