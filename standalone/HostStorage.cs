using Azure.Core;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using DurableTask.AzureStorage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Modeldrop.Storage;

namespace Modeldrop.Standalone;

/// <summary>The storage account for the program's own data: by connection string, or by identity.</summary>
internal sealed class HostStorage
{
    public const string ConnectionName = "AzureWebJobsStorage";

    private readonly StandaloneOptions _options;
    private readonly StorageOptions _storage;
    private readonly BlobServiceClient _blobs;
    private readonly TableServiceClient _tables;

    public HostStorage(IConfiguration configuration, IOptions<StandaloneOptions> options, IOptions<StorageOptions> storage)
    {
        _options = options.Value;
        _storage = storage.Value;
        IConfigurationSection section = configuration.GetSection(ConnectionName);
        if (section.Value is { Length: > 0 } connectionString)
        {
            _blobs = new BlobServiceClient(connectionString);
            _tables = new TableServiceClient(connectionString);
            Durable = new StorageAccountClientProvider(connectionString);
            return;
        }

        TokenCredential credential = AppIdentity.Of(section["clientId"]);
        Uri blobs = ServiceUri(section, "blob");
        Uri queues = ServiceUri(section, "queue");
        Uri tables = ServiceUri(section, "table");
        _blobs = new BlobServiceClient(blobs, credential);
        _tables = new TableServiceClient(tables, credential);
        Durable = new StorageAccountClientProvider(blobs, queues, tables, credential);
    }

    /// <summary>The clients for the durable engine.</summary>
    public StorageAccountClientProvider Durable { get; }

    /// <summary>The container with the lease and the timers' status.</summary>
    public BlobContainerClient HostContainer => Container(_storage.ContainerPrefix + _options.Container);

    /// <summary>The table with the blob trigger's receipts.</summary>
    public TableClient Receipts => _tables.GetTableClient(_storage.TablePrefix + _options.ReceiptTable);

    public BlobContainerClient Container(string name) => _blobs.GetBlobContainerClient(name);

    private static Uri ServiceUri(IConfigurationSection section, string service) =>
        section[$"{service}ServiceUri"] is { } address ? new Uri(address)
        : section["accountName"] is { } account ? new Uri($"https://{account}.{service}.core.windows.net")
        : throw new InvalidOperationException(
            $"Set '{ConnectionName}' to a connection string, or '{ConnectionName}__accountName' for access by identity.");
}
