namespace Modeldrop.Standalone.Timers;

/// <summary>The decisions of a timer, without clock or store.</summary>
internal static class TimerPlan
{
    /// <summary>The clocks of successive processes may differ by this much.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1);

    /// <summary>Decides about a timer when a host starts to lead.</summary>
    /// <param name="stored">The status that the last host left; null if there is none or the timer is not monitored.</param>
    /// <returns>The new status, and whether a run was missed while no host led.</returns>
    public static (ScheduleStatus Status, bool IsPastDue) Begin(TimerSchedule schedule, ScheduleStatus? stored, DateTime now)
    {
        if (stored is null)
        {
            return (new ScheduleStatus { Next = NextOrNever(schedule, now), LastUpdated = now }, false);
        }

        // A status of another schedule says nothing about this one.
        if (NextOrNever(schedule, LastOf(stored)) != stored.Next)
        {
            return (new ScheduleStatus { Last = stored.Last, Next = NextOrNever(schedule, now), LastUpdated = now }, false);
        }

        ScheduleStatus status = Correct(schedule, stored, now) ?? stored;
        return (status, status.Next <= now);
    }

    /// <summary>
    /// Corrects the status of a clock that was set back since: its times are in the future, and the timer would wait for them.
    /// </summary>
    /// <returns>Null: no correction is needed.</returns>
    public static ScheduleStatus? Correct(TimerSchedule schedule, ScheduleStatus status, DateTime now) =>
        LastOf(status) - now <= Tolerance ? null : new ScheduleStatus { Next = NextOrNever(schedule, now), LastUpdated = now };

    /// <summary>Returns the status after a run.</summary>
    /// <param name="startedAt">When the run started. A long run misses occurrences; only one of them is made up for, at once.</param>
    public static ScheduleStatus AfterRun(TimerSchedule schedule, ScheduleStatus before, DateTime startedAt, bool early)
    {
        // A run at start-up comes before its time, and a clock may be slightly slow: the occurrence must not run twice.
        DateTime last = !early && startedAt < before.Next ? before.Next : startedAt;
        return new ScheduleStatus { Last = last, Next = NextOrNever(schedule, last), LastUpdated = last };
    }

    private static DateTime LastOf(ScheduleStatus status) => status.Last == default ? status.LastUpdated : status.Last;

    private static DateTime NextOrNever(TimerSchedule schedule, DateTime after) =>
        schedule.Next(after) ?? DateTime.SpecifyKind(DateTime.MaxValue.Date, DateTimeKind.Utc);
}
