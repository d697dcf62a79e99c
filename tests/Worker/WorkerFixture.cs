using Azure.Storage.Blobs;
using Modeldrop.Tests.Functions;

namespace Modeldrop.Tests.Worker;

/// <summary>One worker for all tests that do not end it, on separate tables and containers.</summary>
public sealed class WorkerFixture(AzuriteFixture azurite) : IAsyncLifetime
{
    private readonly string _unique = NewName();

    private TokenIssuer? _issuer;
    private WorkerHost? _worker;

    internal WorkerHost Worker => _worker!;

    /// <summary>The issuer whose tokens the worker accepts and that signs people in.</summary>
    internal TokenIssuer Issuer => _issuer!;

    public async ValueTask InitializeAsync()
    {
        _issuer = await TokenIssuer.StartAsync();
        _worker = await StartAsync(
            azurite.ConnectionString, _unique, ("Access__Entra__Authority", _issuer.Authority),
            ("Access__Entra__Audience", TokenIssuer.Audience), ("Access__Entra__ClientSecret", TokenIssuer.Secret));
    }

    public async ValueTask DisposeAsync()
    {
        if (_worker is not null)
        {
            await _worker.DisposeAsync();
        }

        if (_issuer is not null)
        {
            await _issuer.DisposeAsync();
        }
    }

    /// <summary>A container of the worker.</summary>
    public BlobContainerClient Container(string name) => new(azurite.ConnectionString, $"t{_unique}-{name}");

    /// <summary>Another worker, which a test may end.</summary>
    internal static Task<WorkerHost> StartAsync(string connectionString) => StartAsync(connectionString, NewName());

    private static Task<WorkerHost> StartAsync(string connectionString, string unique, params (string Name, string Value)[] settings) =>
        WorkerHost.StartAsync(
            connectionString, [.. settings, ("Storage__TablePrefix", $"T{unique}"), ("Storage__ContainerPrefix", $"t{unique}-"),
            ("Storage__DropContainer", $"t{unique}-drop"), ("AzureFunctionsJobHost__extensions__durableTask__hubName", $"T{unique}"),
            ("Access__OwnerKey", WorkerHost.OwnerKey)]);

    private static string NewName() => Guid.NewGuid().ToString("N")[..12];
}
