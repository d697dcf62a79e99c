using Azure.Storage.Blobs;

namespace Modeldrop.Tests.Worker;

/// <summary>One worker for all tests that do not end it, on tables and containers of its own.</summary>
public sealed class WorkerFixture(AzuriteFixture azurite) : IAsyncLifetime
{
    private readonly string _unique = NewName();

    private WorkerHost? _worker;

    internal WorkerHost Worker => _worker!;

    public async ValueTask InitializeAsync() => _worker = await StartAsync(azurite.ConnectionString, _unique);

    public async ValueTask DisposeAsync()
    {
        if (_worker is not null)
        {
            await _worker.DisposeAsync();
        }
    }

    /// <summary>A container of the worker's.</summary>
    public BlobContainerClient Container(string name) => new(azurite.ConnectionString, $"t{_unique}-{name}");

    /// <summary>Another worker, that a test may end.</summary>
    internal static Task<WorkerHost> StartAsync(string connectionString) => StartAsync(connectionString, NewName());

    private static Task<WorkerHost> StartAsync(string connectionString, string unique) =>
        WorkerHost.StartAsync(
            connectionString, ("Storage__TablePrefix", $"T{unique}"), ("Storage__ContainerPrefix", $"t{unique}-"),
            ("Storage__DropContainer", $"t{unique}-drop"), ("AzureFunctionsJobHost__extensions__durableTask__hubName", $"T{unique}"),
            ("Access__OwnerKey", WorkerHost.OwnerKey));

    private static string NewName() => Guid.NewGuid().ToString("N")[..12];
}
