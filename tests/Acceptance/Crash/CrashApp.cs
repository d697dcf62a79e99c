namespace Modeldrop.Tests.Acceptance.Crash;

/// <summary>A process of the app and the proxy between it and its account.</summary>
internal sealed record CrashApp(AppProcess Process, CrashProxy Proxy) : IAsyncDisposable
{
    /// <param name="kill">Null: the process is not killed.</param>
    public static async Task<CrashApp> LaunchAsync(string connectionString, (string Name, string Value)[] settings, Kill? kill)
    {
        CrashProxy proxy = await CrashProxy.StartAsync(connectionString);
        AppProcess? process = null;

        // Armed before the process starts, so that its first writes count too.
        proxy.Armed = kill is { } first ? new KillSwitch(first, () => process!.KillAsync()) : null;
        process = AppProcess.Launch(proxy.ConnectionString, settings);
        return new CrashApp(process, proxy);
    }

    /// <summary>Whether the process is alive and the leader: it continues the work of the previous one.</summary>
    public bool Leads => !Process.HasExited && Process.Output.Contains("This process leads", StringComparison.Ordinal);

    public KillSwitch Arm(Kill kill) => Proxy.Armed = new KillSwitch(kill, Process.KillAsync);

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        await Proxy.DisposeAsync();
    }
}
