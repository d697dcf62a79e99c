using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
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
    : StoreFlusher(options.Value.RolloutFlushInterval, clock)
{
    private readonly string _writer = Guid.NewGuid().ToString("N")[..16];
    private readonly Dictionary<string, long> _written = new(StringComparer.Ordinal);

    /// <summary>Writes the rollouts whose counts have changed since they were last written; lets go of those that have ended.</summary>
    internal override async Task FlushAsync(CancellationToken cancellationToken)
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

    protected override void LogFailure(Exception exception) => Log.Failed(logger, exception);

    private static partial class Log
    {
        [LoggerMessage(3560, LogLevel.Warning, "The counts of a rollout cannot be written; they are kept and written later")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
