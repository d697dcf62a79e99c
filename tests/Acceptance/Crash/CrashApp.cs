namespace Modeldrop.Tests.Acceptance.Crash;

/// <summary>A process of the app and what stands between it and its account.</summary>
internal sealed record CrashApp(AppProcess Process, CrashProxy Proxy) : IAsyncDisposable
{
    /// <param name="kill">Null: it is not killed.</param>
    public static async Task<CrashApp> LaunchAsync(string connectionString, (string Name, string Value)[] settings, Kill? kill)
    {
        CrashProxy proxy = await CrashProxy.StartAsync(connectionString);
        AppProcess? process = null;

        // Armed before the process is there: what it writes first counts too.
        proxy.Armed = kill is { } first ? new KillSwitch(first, () => process!.KillAsync()) : null;
        process = AppProcess.Launch(proxy.ConnectionString, settings);
        return new CrashApp(process, proxy);
    }

    /// <summary>Whether it lives and leads: it takes over what the one before has left.</summary>
    public bool Leads => !Process.HasExited && Process.Output.Contains("This process leads", StringComparison.Ordinal);

    public KillSwitch Arm(Kill kill) => Proxy.Armed = new KillSwitch(kill, Process.KillAsync);

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        await Proxy.DisposeAsync();
    }
}
