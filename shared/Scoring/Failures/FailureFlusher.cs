using Microsoft.Extensions.Logging;
using Modeldrop.Storage;

namespace Modeldrop.Scoring.Failures;

/// <summary>Writes this process's counts of failed requests once a minute, if they have changed.</summary>
/// <remarks>
/// A killed process loses its last minute; a stopped one writes it first. While the store does not respond, counts stay in memory and are
/// written later.
/// </remarks>
internal sealed partial class FailureFlusher(
    FailureHours hours, FailureStore store, TimeProvider clock, ILogger<FailureFlusher> logger)
    : StoreFlusher(TimeSpan.FromMinutes(1), clock)
{
    private readonly string _writer = Guid.NewGuid().ToString("N")[..16];
    private readonly Dictionary<FailureHour, long> _written = [];

    internal override async Task FlushAsync(CancellationToken cancellationToken)
    {
        // A request received in the previous hour may still fail.
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
