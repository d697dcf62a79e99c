using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Modeldrop.Names;
using Modeldrop.Storage;

namespace Modeldrop.Routing;

/// <summary>Writes this process's counts of rollouts at an interval, if they have changed.</summary>
/// <remarks>
/// A gate sees counts that are at most one interval old. A killed process loses its last interval; a stopped one writes it first. While the
/// store does not respond, counts stay in memory and are written later.
/// </remarks>
internal sealed partial class RolloutFlusher(
    RolloutMeters meters, RolloutCounterStore store, TrafficRouter router, IOptions<RoutingOptions> options, TimeProvider clock,
    ILogger<RolloutFlusher> logger)
    : StoreFlusher(options.Value.RolloutFlushInterval, clock)
{
    private readonly string _writer = Guid.NewGuid().ToString("N")[..16];
    private readonly Dictionary<OperationId, long> _written = [];

    /// <summary>Writes rollouts whose counts have changed since the last write; removes those that have ended.</summary>
    internal override async Task FlushAsync(CancellationToken cancellationToken)
    {
        // Read first: a rollout that has left the snapshot gets no more counts from new requests, and its earlier counts are still written
        // below.
        HashSet<OperationId> standing = [.. router.Current.Models.Select(model => model.Head.Split?.Operation).OfType<OperationId>()];
        foreach ((OperationId operation, RolloutMeter meter) in meters.List())
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
