using Azure;
using Azure.Storage.Blobs.Specialized;
using Microsoft.Extensions.Options;
using Modeldrop.Standalone.Emulator;
using Modeldrop.Storage;

namespace Modeldrop.Tests.Acceptance.Crash;

/// <summary>
/// An app on an account of its own that dies at a chosen write and is started again: who survives one run is the victim of the next.
/// </summary>
internal sealed class CrashHost : IAsyncDisposable
{
    /// <summary>
    /// What is asked often is asked more often here, and leases and visibility timeouts are shorter, so that a run takes seconds.
    /// Nothing else is different.
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
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

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

    /// <summary>Blobs without the proxy; routes of the app, or of the second one, which does not die.</summary>
    public AppClient Client { get; }

    public StorageAccount Account { get; }

    public string ConnectionString => _emulator.ConnectionString;

    /// <summary>What the app that lives has said.</summary>
    public string Output => _victim.Process.Output;

    /// <param name="two">Whether a second app is on the account, to go on at once.</param>
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

    /// <summary>From now on writes count.</summary>
    public KillSwitch Arm(Kill kill) => _victim.Arm(kill);

    public void Disarm() => _victim.Proxy.Armed = null;

    /// <summary>After a kill: starts the app again.</summary>
    /// <param name="next">The writes of the start count already; null: nobody is killed any more.</param>
    /// <returns>What kills it at <paramref name="next"/>; it may have struck already.</returns>
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

    /// <summary>After a run that went wrong: the next one begins with a fresh app.</summary>
    public async Task ReplaceAsync()
    {
        await _victim.Process.KillAsync();
        await RestartAsync();
    }

    /// <summary>Waits until somebody leads and nothing was written for a while.</summary>
    public async Task UntilIdleAsync()
    {
        CrashApp[] apps;
        do
        {
            await Task.Delay(PollInterval);
            apps = [.. new[] { _victim, _second }.OfType<CrashApp>()];
        }
        while (!apps.Any(app => app.Leads) || apps.Any(app => app.Proxy.Silence < Idle));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (CrashApp app in _apps)
        {
            await app.DisposeAsync();
        }

        await _emulator.DisposeAsync();
    }

    /// <summary>The lease of the dead runs out by itself within 15 s; this is that moment, without the wait.</summary>
    private async Task EndLeaseAsync()
    {
        try
        {
            await Client.Blobs.GetBlobContainerClient("standalone-hosts").GetBlobClient("leader").GetBlobLeaseClient()
                .BreakAsync(TimeSpan.Zero);
        }
        catch (RequestFailedException exception) when (exception.Status is 404 or 409)
        {
            // It died before it led.
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
            // Killed before it listened, as was wanted.
            await app.Proxy.Armed.Struck;
        }

        return app;
    }
}
