using Microsoft.Extensions.Logging;
using Modeldrop.Storage;

namespace Modeldrop.Scoring.Failures;

/// <summary>Writes what this process has counted of failed requests, once a minute and only what has changed.</summary>
/// <remarks>
/// A killed process loses its last minute; one that is stopped writes it first. While the store does not answer, counts stay in memory and
/// are written later.
/// </remarks>
internal sealed partial class FailureFlusher(
    FailureHours hours, FailureStore store, TimeProvider clock, ILogger<FailureFlusher> logger)
    : StoreFlusher(TimeSpan.FromMinutes(1), clock)
{
    private readonly string _writer = Guid.NewGuid().ToString("N")[..16];
    private readonly Dictionary<FailureHour, long> _written = [];

    internal override async Task FlushAsync(CancellationToken cancellationToken)
    {
        // A request that was received in the hour before may still fail.
        long standing = FailureHours.HourOf(Clock.GetUtcNow()) - 1;
        foreach ((FailureHour hour, long count) in hours.List())
        {
            if (count != _written.GetValueOrDefault(hour))
            {
                await store.WriteAsync(hour, _writer, count, cancellationToken);
                _written[hour] = count;
            }
            else if (hour.Hour < standing && hours.Remove(hour, count))
            {
                _written.Remove(hour);
            }
        }
    }

    protected override void LogFailure(Exception exception) => Log.Failed(logger, exception);

    private static partial class Log
    {
        [LoggerMessage(3060, LogLevel.Warning, "The counts of failed requests cannot be written; they are kept and written later")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
