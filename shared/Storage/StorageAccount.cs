using Azure.Core;
using Azure.Data.Tables;
using Azure.Identity;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Options;

namespace Modeldrop.Storage;

/// <summary>The clients of the storage account. Thread-safe; one for the process.</summary>
public sealed class StorageAccount
{
    private readonly BlobServiceClient _blobs;
    private readonly TableServiceClient _tables;
    private readonly string _tablePrefix;

    public StorageAccount(IOptions<StorageOptions> options)
    {
        StorageOptions storage = options.Value;
        _tablePrefix = storage.TablePrefix;
        if (storage.ConnectionString is { Length: > 0 } connectionString)
        {
            _blobs = new BlobServiceClient(connectionString);
            _tables = new TableServiceClient(connectionString);
            return;
        }

        if (storage.BlobServiceUri is null || storage.TableServiceUri is null)
        {
            throw new InvalidOperationException(
                $"Set '{StorageOptions.ConnectionName}' to a connection string, or '{StorageOptions.ConnectionName}__accountName' for access by identity.");
        }

        TokenCredential credential = new DefaultAzureCredential(new DefaultAzureCredentialOptions { ManagedIdentityClientId = storage.ClientId });
        _blobs = new BlobServiceClient(storage.BlobServiceUri, credential);
        _tables = new TableServiceClient(storage.TableServiceUri, credential);
    }

    /// <param name="name">One of <see cref="BlobContainers"/>.</param>
    public BlobContainerClient Container(string name) => _blobs.GetBlobContainerClient(name);

    /// <param name="name">One of <see cref="TableNames"/>.</param>
    public TableClient Table(string name) => _tables.GetTableClient(_tablePrefix + name);

    /// <summary>Creates what is missing of <see cref="BlobContainers"/> and <see cref="TableNames"/>. Safe to repeat.</summary>
    public async Task EnsureCreatedAsync(CancellationToken cancellationToken)
    {
        IEnumerable<Task> containers = BlobContainers.All.Select(name => Container(name).CreateIfNotExistsAsync(cancellationToken: cancellationToken));
        IEnumerable<Task> tables = TableNames.All.Select(name => Table(name).CreateIfNotExistsAsync(cancellationToken));
        await Task.WhenAll(containers.Concat(tables));
    }
}
