using Microsoft.Extensions.Logging;

namespace Modeldrop.Predictions;

/// <summary>Counts the records that the log has lost, and logs a warning at intervals rather than for each. Thread-safe.</summary>
internal sealed partial class LogLosses(LogMeters meters, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan WarningInterval = TimeSpan.FromSeconds(10);

    private long _dropped;
    private long _warnedAt = long.MinValue;
    private long _droppedAtWarning;

    /// <summary>Records lost since the start.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public void Drop(int records)
    {
        if (records == 0)
        {
            return;
        }

        long dropped = Interlocked.Add(ref _dropped, records);
        meters.Dropped(records);

        long now = clock.GetTimestamp();
        long warnedAt = Interlocked.Read(ref _warnedAt);
        bool due = warnedAt == long.MinValue || clock.GetElapsedTime(warnedAt, now) >= WarningInterval;
        if (due && Interlocked.CompareExchange(ref _warnedAt, now, warnedAt) == warnedAt)
        {
            Log.Dropped(logger, dropped - Interlocked.Exchange(ref _droppedAtWarning, dropped), dropped);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4000, LogLevel.Warning,
            "The prediction log dropped {Records} records since the last warning, {Total} since the start")]
        public static partial void Dropped(ILogger logger, long records, long total);
    }
}
