using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Modeldrop.Errors;
using Modeldrop.Storage;

namespace Modeldrop.Routing;

/// <summary>Writes what this process has counted for rollouts, at an interval and only what has changed.</summary>
/// <remarks>
/// A gate sees counts of at most one interval ago. A killed process loses its last interval; one that is stopped writes it first. While the
/// store does not answer, counts stay in memory and are written later.
/// </remarks>
internal sealed partial class RolloutFlusher(
    RolloutMeters meters, RolloutCounterStore store, TrafficRouter router, IOptions<RoutingOptions> options, TimeProvider clock,
    ILogger<RolloutFlusher> logger)
    : BackgroundService
{
    private readonly string _writer = Guid.NewGuid().ToString("N")[..16];
    private readonly Dictionary<string, long> _written = new(StringComparer.Ordinal);
    private bool _failing;

    /// <summary>Writes the rollouts whose counts have changed since they were last written; lets go of those that have ended.</summary>
    internal async Task FlushAsync(CancellationToken cancellationToken)
    {
        // Read first: a rollout that is not in the snapshot any more gets no more counts from requests that begin now, and what was
        // counted before is still written below.
        HashSet<string> standing = [.. router.Current.Models.Select(model => model.Head.Split?.Operation).OfType<string>()];
        foreach ((string operation, RolloutMeter meter) in meters.List())
        {
            IReadOnlyDictionary<int, VersionCounts> versions = meter.Read();
            long sum = versions.Values.Sum(counts => counts.Requests + counts.Unloaded);
            if (sum != _written.GetValueOrDefault(operation))
            {
                await store.WriteAsync(operation, _writer, versions, cancellationToken);
                _written[operation] = sum;
            }
            else if (!standing.Contains(operation))
            {
                meters.Remove(operation);
                _written.Remove(operation);
            }
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryFlushAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.RolloutFlushInterval, clock);
        while (await timer.NextAsync(stoppingToken))
        {
            await TryFlushAsync(stoppingToken);
        }
    }

    private async Task TryFlushAsync(CancellationToken cancellationToken)
    {
        try
        {
            await FlushAsync(cancellationToken);
            _failing = false;
        }
        catch (Exception exception) when (exception is ServiceException or OperationCanceledException)
        {
            // Kept and tried again; said once, not every second.
            if (!_failing && !cancellationToken.IsCancellationRequested)
            {
                Log.Failed(logger, exception);
            }

            _failing = true;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3560, LogLevel.Warning, "The counts of a rollout cannot be written; they are kept and written later")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
