using Modeldrop.Standalone.Emulator;

namespace Modeldrop.Tests.Acceptance;

/// <summary>A separate storage account for one class of acceptance tests, because the app's containers have fixed names.</summary>
public abstract class AcceptanceTest : IAsyncLifetime
{
    private StorageEmulator? _emulator;
    private readonly List<AppProcess> _apps = [];

    internal string ConnectionString => _emulator!.ConnectionString;

    /// <summary>A client of the last started app.</summary>
    internal AppClient Client { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _emulator = await StorageEmulator.StartAsync(new StorageEmulatorOptions
        {
            ToolsPath = AzuriteFixture.ToolsPath,
            PreferDefaultPorts = false,
            Progress = Console.Error.WriteLine,
        });
        Client = new AppClient(ConnectionString, () => _apps[^1].Http);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (AppProcess app in _apps)
        {
            await app.DisposeAsync();
        }

        if (_emulator is not null)
        {
            await _emulator.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    internal Task<AppProcess> StartAppAsync(params (string Name, string Value)[] settings) => StartAppAsync([], settings);

    /// <param name="arguments">Command-line arguments.</param>
    internal async Task<AppProcess> StartAppAsync(string[] arguments, params (string Name, string Value)[] settings)
    {
        AppProcess app = await AppProcess.StartAsync(ConnectionString, arguments, settings);
        _apps.Add(app);
        return app;
    }
}
