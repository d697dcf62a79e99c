using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Modeldrop.Errors;
using Modeldrop.Registry;

namespace Modeldrop.Scoring;

/// <summary>Follows the registry in the background and keeps the snapshot that requests are routed by.</summary>
/// <remarks>A new champion's session is loaded before the snapshot that names it is taken, so that no request waits for it. While the store is down the last snapshot serves.</remarks>
public sealed partial class TrafficRouter(
    RegistryStore registry, SessionCache sessions, IOptions<ScoringOptions> options, TimeProvider clock, ILogger<TrafficRouter> logger) : BackgroundService
{
    private readonly SemaphoreSlim _refreshing = new(1, 1);
    private volatile TrafficSnapshot? _current;

    /// <summary>Empty until the registry was read for the first time.</summary>
    public TrafficSnapshot Current => _current ?? TrafficSnapshot.Empty;

    /// <summary>Whether the registry was read at least once.</summary>
    public bool IsReady => _current is not null;

    /// <summary>Looks at the registry now. One storage transaction when nothing has changed.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await _refreshing.WaitAsync(cancellationToken);
        try
        {
            string? revision = await registry.ReadRevisionAsync(cancellationToken);
            if (_current is { } current && current.Revision == revision)
            {
                return;
            }

            // The revision was read first: what is appended in between is seen again at the next look.
            var next = new TrafficSnapshot(revision, await registry.ListHeadsAsync(cancellationToken));
            HashSet<string> serving = await LoadServingAsync(next, cancellationToken);
            _current = next;
            sessions.Trim(serving);
        }
        finally
        {
            _refreshing.Release();
        }
    }

    public override void Dispose()
    {
        _refreshing.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.RefreshInterval, clock);
        bool failing = false;
        do
        {
            try
            {
                await RefreshAsync(stoppingToken);
                failing = false;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                if (!failing)
                {
                    Log.RefreshFailed(logger, exception);
                }

                failing = true;
            }
        }
        while (await WaitAsync(timer, stoppingToken));
    }

    private static async Task<bool> WaitAsync(PeriodicTimer timer, CancellationToken stoppingToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task<HashSet<string>> LoadServingAsync(TrafficSnapshot snapshot, CancellationToken cancellationToken)
    {
        var serving = new HashSet<string>(StringComparer.Ordinal);
        foreach (ModelHead head in snapshot.Models)
        {
            if (head.FindAlias(AliasName.Champion) is not { } champion)
            {
                continue;
            }

            serving.Add(champion.Digest);
            try
            {
                using SessionLease lease = await sessions.UseAsync(ModelName.Parse(head.Name), champion, cancellationToken);
            }
            catch (ServiceException exception)
            {
                Log.LoadFailed(logger, exception, champion.Version, head.Name);
            }
        }

        return serving;
    }

    private static partial class Log
    {
        [LoggerMessage(3010, LogLevel.Warning, "The registry cannot be read; requests are routed as before")]
        public static partial void RefreshFailed(ILogger logger, Exception exception);

        [LoggerMessage(3011, LogLevel.Error, "Champion {Version} of {Model} cannot be loaded; its requests will be refused until it can")]
        public static partial void LoadFailed(ILogger logger, Exception exception, int version, string model);
    }
}
