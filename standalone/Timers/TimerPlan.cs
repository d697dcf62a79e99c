namespace Modeldrop.Standalone.Timers;

/// <summary>The decisions of a timer, without clock or store.</summary>
internal static class TimerPlan
{
    /// <summary>Clocks of processes that follow each other may differ by this much.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1);

    /// <summary>What a host does with a timer when it begins to lead.</summary>
    /// <param name="stored">The status that the last host left; null when there is none or the timer is not monitored.</param>
    /// <returns>The status from here on, and whether a run was missed while no host led.</returns>
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
    /// The status that a clock has left which was put back since: its times lie ahead, and the timer would wait until they come.
    /// </summary>
    /// <returns>Null: nothing is to be corrected.</returns>
    public static ScheduleStatus? Correct(TimerSchedule schedule, ScheduleStatus status, DateTime now) =>
        LastOf(status) - now <= Tolerance ? null : new ScheduleStatus { Next = NextOrNever(schedule, now), LastUpdated = now };

    /// <summary>The status after a run.</summary>
    /// <param name="startedAt">When the run began; a long run misses occurrences, of which one is made up for at once.</param>
    public static ScheduleStatus AfterRun(TimerSchedule schedule, ScheduleStatus before, DateTime startedAt, bool early)
    {
        // A run at start-up comes before its time, and a clock may be a little behind: the occurrence is not to run twice.
        DateTime last = !early && startedAt < before.Next ? before.Next : startedAt;
        return new ScheduleStatus { Last = last, Next = NextOrNever(schedule, last), LastUpdated = last };
    }

    private static DateTime LastOf(ScheduleStatus status) => status.Last == default ? status.LastUpdated : status.Last;

    private static DateTime NextOrNever(TimerSchedule schedule, DateTime after) =>
        schedule.Next(after) ?? DateTime.SpecifyKind(DateTime.MaxValue.Date, DateTimeKind.Utc);
}
