using Azure;
using Azure.Storage.Blobs.Specialized;
using Microsoft.Extensions.Options;
using Modeldrop.Standalone.Emulator;
using Modeldrop.Storage;

namespace Modeldrop.Tests.Acceptance.Crash;

/// <summary>
/// An app on a separate account that is killed at a chosen write and started again. The survivor of one run is the victim of the next.
/// </summary>
internal sealed class CrashHost : IAsyncDisposable
{
    /// <summary>
    /// Polling is more frequent, and leases and visibility timeouts are shorter, so that a run takes seconds. Nothing else differs.
    /// </summary>
    private static readonly (string Name, string Value)[] Settings =
    [
        ("Host__LeaseAcquireInterval", "00:00:00.1"),
        ("Host__BlobPollInterval", "00:00:00.1"),
        ("Host__BlobIdleInterval", "00:00:00.2"),
        ("Durable__MaxQueuePollingInterval", "00:00:00.1"),
        ("Durable__VisibilityTimeout", "00:00:05"),
        ("Durable__LeaseInterval", "00:00:03"),
        ("Probe__LatencyRuns", "20"),
    ];

    /// <summary>Longer than any pause between two writes at the end of an operation.</summary>
    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(400);

    private readonly StorageEmulator _emulator;
    private readonly List<CrashApp> _apps = [];
    private CrashApp _victim = null!;
    private CrashApp? _second;
    private HttpClient _http = null!;

    private CrashHost(StorageEmulator emulator)
    {
        _emulator = emulator;
        Client = new AppClient(emulator.ConnectionString, () => _http);
        Account = new StorageAccount(Options.Create(new StorageOptions { ConnectionString = emulator.ConnectionString }));
    }

    /// <summary>Accesses blobs without the proxy, and the routes of the app or of the second app, which is never killed.</summary>
    public AppClient Client { get; }

    public StorageAccount Account { get; }

    public string ConnectionString => _emulator.ConnectionString;

    /// <summary>The output of the living app.</summary>
    public string Output => _victim.Process.Output;

    /// <param name="two">Whether a second app runs on the account and continues at once.</param>
    public static async Task<CrashHost> StartAsync(bool two = false)
    {
        var host = new CrashHost(await StorageEmulator.StartAsync(new StorageEmulatorOptions
        {
            ToolsPath = AzuriteFixture.ToolsPath,
            PreferDefaultPorts = false,
            Progress = Console.Error.WriteLine,
        }));
        host._victim = await host.StartAppAsync(null);
        host._second = two ? await host.StartAppAsync(null) : null;
        return host;
    }

    /// <summary>Starts to count writes.</summary>
    public KillSwitch Arm(Kill kill) => _victim.Arm(kill);

    public void Disarm() => _victim.Proxy.Armed = null;

    /// <summary>Of two apps, the other one is the victim from now on: work stays with the app that has the leases.</summary>
    public void Swap()
    {
        (_victim, _second) = (_second!, _victim);
        _http = _second.Process.Http;
    }

    /// <summary>Starts the app again after a kill.</summary>
    /// <param name="next">The next kill; writes during the start count already. Null: no further kill.</param>
    /// <returns>The switch for <paramref name="next"/>, which may have struck already.</returns>
    public async Task<KillSwitch?> RestartAsync(Kill? next = null)
    {
        await EndLeaseAsync();
        if (_second is { } second)
        {
            KillSwitch? armed = next is { } kill ? second.Arm(kill) : null;
            _victim = second;
            _second = await StartAppAsync(null);
            return armed;
        }

        _victim = await StartAppAsync(next);
        return _victim.Proxy.Armed;
    }

    /// <summary>Replaces the app after a failed run, so that the next one begins with a fresh app.</summary>
    public async Task ReplaceAsync()
    {
        await _victim.Process.KillAsync();
        await RestartAsync();
    }

    /// <summary>Waits until there is a leader and nothing was written for a while.</summary>
    public Task UntilIdleAsync() => Poll.UntilAsync(
        () =>
        {
            CrashApp[] apps = [.. new[] { _victim, _second }.OfType<CrashApp>()];
            return apps.Any(app => app.Leads) && apps.All(app => app.Proxy.Silence >= Idle);
        },
        "a leader, and no writes for a while");

    public async ValueTask DisposeAsync()
    {
        foreach (CrashApp app in _apps)
        {
            await app.DisposeAsync();
        }

        await _emulator.DisposeAsync();
    }

    /// <summary>Ends the lease of the dead process, which would expire within 15 s, without the wait.</summary>
    private async Task EndLeaseAsync()
    {
        try
        {
            await Client.Blobs.GetBlobContainerClient("standalone-hosts").GetBlobClient("leader").GetBlobLeaseClient()
                .BreakAsync(TimeSpan.Zero);
        }
        catch (RequestFailedException exception) when (exception.Status is 404 or 409)
        {
            // The process died before it became leader.
        }
    }

    private async Task<CrashApp> StartAppAsync(Kill? next)
    {
        CrashApp app = await CrashApp.LaunchAsync(ConnectionString, Settings, next);
        _apps.Add(app);
        try
        {
            await app.Process.ListensAsync();
            _http = app.Process.Http;
        }
        catch (InvalidOperationException) when (app.Proxy.Armed?.StruckAt is not null)
        {
            // Killed before it listened, as intended.
            await app.Proxy.Armed.Struck;
        }

        return app;
    }
}
