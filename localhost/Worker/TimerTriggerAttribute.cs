namespace Modeldrop.LocalHost;

/// <summary>Runs the function by the clock (UTC), on one host at a time.</summary>
/// <param name="schedule">NCrontab with seconds, a time span for a fixed period, or <c>%Setting%</c> that holds one of them.</param>
public sealed class TimerTriggerAttribute(string schedule) : TriggerBindingAttribute
{
    public string Schedule { get; } = schedule;

    /// <summary>Remember the last run, so that one missed while no host ran is made up for. Ignored for periods under a minute.</summary>
    public bool UseMonitor { get; set; } = true;

    /// <summary>Run whenever a host begins to lead.</summary>
    public bool RunOnStartup { get; set; }
}

/// <summary>What the timer's function learns about its run.</summary>
public class TimerInfo
{
    /// <summary>Null when the timer is not monitored.</summary>
    public ScheduleStatus? ScheduleStatus { get; set; }

    /// <summary>The run makes up for a missed one.</summary>
    public bool IsPastDue { get; set; }
}

/// <summary>When a monitored timer ran and runs. UTC.</summary>
public class ScheduleStatus
{
    public DateTime Last { get; set; }

    public DateTime Next { get; set; }

    public DateTime LastUpdated { get; set; }
}
