using System.ComponentModel.DataAnnotations;

namespace Modeldrop.Events;

/// <summary>Bounds of the subscriptions.</summary>
public sealed class EventOptions
{
    public const string SectionName = "Events";

    /// <summary>Subscriptions that there may be. Default 100: each reads the feed for itself.</summary>
    [Range(0, 1_000)]
    public int MaxSubscriptions { get; set; } = 100;

    /// <summary>
    /// How long one run may send to one subscriber; the rest follows in the next run. Default 2 min, below the timer's five.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:04:00")]
    public TimeSpan MaxRunTime { get; set; } = TimeSpan.FromMinutes(2);
}
