using System.ComponentModel.DataAnnotations;

namespace Modeldrop.Events;

/// <summary>Limits of the subscriptions.</summary>
public sealed class EventOptions
{
    public const string SectionName = "Events";

    /// <summary>The most subscriptions. Default 100: each one reads the feed separately.</summary>
    [Range(0, 1_000)]
    public int MaxSubscriptions { get; set; } = 100;

    /// <summary>How long one run may send to one subscriber; the next run sends the rest. Default 2 min, below the timer's 5 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:04:00")]
    public TimeSpan MaxRunTime { get; set; } = TimeSpan.FromMinutes(2);
}
