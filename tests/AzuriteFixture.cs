using Microsoft.Extensions.Options;
using Modeldrop.Standalone.Emulator;
using Modeldrop.Storage;
using Modeldrop.Tests;

[assembly: AssemblyFixture(typeof(AzuriteFixture))]

namespace Modeldrop.Tests;

/// <summary>One storage emulator for the test run, in memory and on free ports; it ends with the run.</summary>
public sealed class AzuriteFixture : IAsyncLifetime
{
    private StorageEmulator? _emulator;

    /// <summary>The emulator's folder, shared with the app, so that a machine installs it once.</summary>
    public static string ToolsPath { get; } = Path.Combine(RepositoryRoot(), ".data", "tools");

    public string ConnectionString => _emulator!.ConnectionString;

    public async ValueTask InitializeAsync() =>
        _emulator = await StorageEmulator.StartAsync(new StorageEmulatorOptions
        {
            ToolsPath = ToolsPath,
            PreferDefaultPorts = false,
            Progress = Console.Error.WriteLine,
        });

    /// <summary>An account that no other test sees: its tables and containers have a separate prefix and exist.</summary>
    public StorageAccount CreateAccount()
    {
        string unique = Guid.NewGuid().ToString("N")[..12];
        var account = new StorageAccount(Options.Create(new StorageOptions
        {
            ConnectionString = ConnectionString,
            TablePrefix = $"T{unique}",
            ContainerPrefix = $"t{unique}-",
        }));
        account.EnsureCreatedAsync(CancellationToken.None).GetAwaiter().GetResult();
        return account;
    }

    public async ValueTask DisposeAsync()
    {
        if (_emulator is not null)
        {
            await _emulator.DisposeAsync();
        }
    }

    private static string RepositoryRoot()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Serverless.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests run outside of the repository.");
        }

        return folder;
    }
}
