using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Modeldrop.Access;
using Modeldrop.Errors;
using Modeldrop.Registry;
using Modeldrop.Storage;

namespace Modeldrop.Standalone.Demo;

/// <summary>Prints the addresses of the installation on the console once the server listens.</summary>
internal sealed class Welcome(
    IServer server, IConfiguration configuration, IHostApplicationLifetime lifetime, RegistryStore registry, KeyRing ring,
    AccessHost host, SignInLinks links) : IHostedService
{
    /// <summary>The banner does not wait longer for the store.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The server's address, known once it listens.</summary>
    public Task<Uri> Address => _address.Task;

    /// <summary>The connection string with which a tool on this machine reaches the storage account.</summary>
    public string ConnectionString => configuration[StorageOptions.ConnectionName] ?? "";

    /// <summary>The full name of the drop container.</summary>
    public string DropContainer => configuration["Storage:DropContainer"]!;

    /// <summary>The owner's key of the settings; null when none is set.</summary>
    public string? Key => configuration["Access:OwnerKey"] is { Length: > 0 } key ? key : null;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStarted.Register(() => _ = GreetAsync());
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task GreetAsync()
    {
        string listening = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? "http://127.0.0.1:7071";
        var address = new Uri(
            listening.Replace("[::]", "localhost", StringComparison.Ordinal).Replace("0.0.0.0", "localhost", StringComparison.Ordinal));
        _address.TrySetResult(address);

        // The emulator's key is the same everywhere and protects nothing.
        string? connection = ConnectionString.Contains("AccountName=devstoreaccount1;", StringComparison.Ordinal) ? ConnectionString : null;
        bool isOpen = await IsOpenAsync();
        Console.WriteLine(new Banner(address, connection, DropContainer, HasKey: !isOpen, await HasModelsAsync())
        {
            Once = host.LoopbackOnly && !isOpen ? links.Make() : null,
        }.Text());
    }

    private async Task<bool> IsOpenAsync()
    {
        try
        {
            await ring.EnsureLoadedAsync(lifetime.ApplicationStopping);
        }
        catch (Exception exception) when (exception is ServiceException or OperationCanceledException)
        {
            // Nobody gets access before the keys are known.
        }

        return ring.IsOpen;
    }

    private async Task<bool> HasModelsAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStopping);
        patience.CancelAfter(Patience);
        try
        {
            return await registry.ListNamesAsync(patience.Token).AnyAsync(patience.Token);
        }
        catch (Exception exception) when (exception is ServiceException or OperationCanceledException)
        {
            // Unknown: for an installation with models, advice on registering a first one would be wrong.
            return true;
        }
    }
}
