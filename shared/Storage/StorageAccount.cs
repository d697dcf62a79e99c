using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Options;

namespace Modeldrop.Storage;

/// <summary>The clients of the storage account. Thread-safe; one for the process.</summary>
public sealed class StorageAccount
{
    private readonly BlobServiceClient _blobs;
    private readonly TableServiceClient _tables;
    private readonly string _tablePrefix;
    private readonly string _containerPrefix;

    public StorageAccount(IOptions<StorageOptions> options)
        : this(options, [])
    {
    }

    /// <param name="policies">Policies that see every attempt of a request: tests use them to count requests and to make them fail.</param>
    internal StorageAccount(IOptions<StorageOptions> options, IReadOnlyList<HttpPipelinePolicy> policies)
    {
        StorageOptions storage = options.Value;
        BlobClientOptions blobOptions = With(new BlobClientOptions(), policies);
        TableClientOptions tableOptions = With(new TableClientOptions(), policies);
        _tablePrefix = storage.TablePrefix;
        _containerPrefix = storage.ContainerPrefix;
        if (storage.ConnectionString is { Length: > 0 } connectionString)
        {
            _blobs = new BlobServiceClient(connectionString, blobOptions);
            _tables = new TableServiceClient(connectionString, tableOptions);
            return;
        }

        if (storage.BlobServiceUri is null || storage.TableServiceUri is null)
        {
            throw new InvalidOperationException(
                $"Set '{StorageOptions.ConnectionName}' to a connection string, or '{StorageOptions.ConnectionName}__accountName' for "
                    + $"access by identity.");
        }

        TokenCredential credential = AppIdentity.Of(storage.ClientId);
        _blobs = new BlobServiceClient(storage.BlobServiceUri, credential, blobOptions);
        _tables = new TableServiceClient(storage.TableServiceUri, credential, tableOptions);
    }

    /// <param name="name">One of <see cref="BlobContainers"/>.</param>
    public BlobContainerClient Container(string name) => _blobs.GetBlobContainerClient(_containerPrefix + name);

    /// <param name="name">One of <see cref="TableNames"/>.</param>
    public TableClient Table(string name) => _tables.GetTableClient(_tablePrefix + name);

    /// <summary>Creates the missing ones of <see cref="BlobContainers"/> and <see cref="TableNames"/>. Safe to repeat.</summary>
    public async Task EnsureCreatedAsync(CancellationToken cancellationToken)
    {
        IEnumerable<Task> containers = BlobContainers.All.Select(name =>
            IfAllowedAsync(Container(name).CreateIfNotExistsAsync(cancellationToken: cancellationToken)));
        IEnumerable<Task> tables = TableNames.All.Select(name => IfAllowedAsync(Table(name).CreateIfNotExistsAsync(cancellationToken)));
        await Task.WhenAll(containers.Concat(tables));
    }

    /// <summary>The identity of a process that only scores may not create anything; another process has done so.</summary>
    private static async Task IfAllowedAsync(Task creation)
    {
        try
        {
            await creation;
        }
        catch (RequestFailedException exception) when (exception.Status == 403)
        {
            // If something is missing nevertheless, its first use fails.
        }
    }

    private static T With<T>(T options, IReadOnlyList<HttpPipelinePolicy> policies)
        where T : ClientOptions
    {
        options.AddPolicy(new StorageMeter.Policy(), HttpPipelinePosition.PerCall);
        foreach (HttpPipelinePolicy policy in (IEnumerable<HttpPipelinePolicy>)[new StorePatience.Policy(), .. policies])
        {
            options.AddPolicy(policy, HttpPipelinePosition.PerRetry);
        }

        return options;
    }
}
