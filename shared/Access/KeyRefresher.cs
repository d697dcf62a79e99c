using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Modeldrop.Storage;

namespace Modeldrop.Access;

/// <summary>Reads the keys at an interval, stores when they were used, and creates the first key if one is needed.</summary>
internal sealed partial class KeyRefresher(
    KeyRing ring, KeyStore store, KeyService keys, AccessHost host, IOptions<AccessOptions> options, TimeProvider clock,
    ILogger<KeyRefresher> logger) : BackgroundService
{
    /// <summary>Interval in which a key in use costs one transaction on each instance.</summary>
    private static readonly TimeSpan LastUseInterval = TimeSpan.FromMinutes(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.RefreshInterval, clock);
        bool failing = false;
        bool started = false;
        do
        {
            try
            {
                await ring.RefreshAsync(stoppingToken);
                started = started || await StartAsync();
                foreach ((string id, DateTimeOffset at) in ring.Used(LastUseInterval))
                {
                    await store.SetLastUseAsync(id, at, stoppingToken);
                }

                failing = false;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // This loop of the process must survive every failure. A failure is logged once, not every two seconds.
                if (!failing)
                {
                    Log.Failed(logger, exception);
                }

                failing = true;
            }
        }
        while (await timer.NextAsync(stoppingToken));

        async Task<bool> StartAsync()
        {
            if (host is { LoopbackOnly: false, MayMakeFirstKey: true, PlatformSignsIn: false } && !ring.IsSetUp
                && await keys.CreateFirstAsync(stoppingToken) is { } text)
            {
                Log.FirstKey(logger, text);
            }

            return true;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1000, LogLevel.Warning,
            "The installation had no key, so an owner's key was created. Keep it, it is not shown again: {Key} Create keys for others "
            + "at /console/keys, then revoke this one, because this log contains it.")]
        public static partial void FirstKey(ILogger logger, string key);

        [LoggerMessage(1001, LogLevel.Warning, "The keys cannot be read; the known ones stay valid")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
