using System.Globalization;
using NCrontab;

namespace Modeldrop.Standalone.Timers;

/// <summary>The schedule of a timer, in UTC.</summary>
internal abstract class TimerSchedule
{
    private static readonly TimeSpan ShortestMonitored = TimeSpan.FromMinutes(1);

    /// <summary>Returns the first time after <paramref name="after"/>; null if there is none.</summary>
    public abstract DateTime? Next(DateTime after);

    /// <summary>
    /// Whether runs are at least a minute apart. The real host stores no status for more frequent timers, so this one does not either.
    /// </summary>
    public bool IsMonitorable(DateTime now)
    {
        DateTime? previous = Next(now);
        for (int occurrence = 0; occurrence < 5 && previous is not null; occurrence++)
        {
            DateTime? next = Next(previous.Value);
            if (next - previous < ShortestMonitored)
            {
                return false;
            }

            previous = next;
        }

        return true;
    }

    /// <summary>Parses an NCrontab expression with six fields, or a time span.</summary>
    /// <returns>Null if <paramref name="error"/> says what is wrong.</returns>
    public static TimerSchedule? Parse(string text, out string? error)
    {
        error = null;
        if (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan period) && text.Contains(':', StringComparison.Ordinal))
        {
            if (period > TimeSpan.Zero)
            {
                return new Period(period);
            }

            error = $"the period '{text}' must be longer than zero.";
            return null;
        }

        var options = new CrontabSchedule.ParseOptions { IncludingSeconds = true };
        if (CrontabSchedule.TryParse(text, options) is { } cron)
        {
            return new Cron(cron);
        }

        error = $"the schedule '{text}' is neither a cron expression with six fields (seconds first) nor a time span.";
        return null;
    }

    private sealed class Cron(CrontabSchedule schedule) : TimerSchedule
    {
        public override DateTime? Next(DateTime after)
        {
            DateTime next = schedule.GetNextOccurrence(after);
            return next == DateTime.MaxValue ? null : DateTime.SpecifyKind(next, DateTimeKind.Utc);
        }
    }

    private sealed class Period(TimeSpan period) : TimerSchedule
    {
        public override DateTime? Next(DateTime after) => after + period;
    }
}
