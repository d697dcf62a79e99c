using System.ComponentModel.DataAnnotations;

namespace Modeldrop.Routing;

/// <summary>How this process follows the registry.</summary>
public sealed class RoutingOptions
{
    public const string SectionName = "Routing";

    /// <summary>
    /// Time between two polls of the registry, one point read each. Serving follows a promotion or rollback after this time plus the time
    /// to load the version; 500 ms keep that below 2 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.020", "00:01:00")]
    public TimeSpan RefreshInterval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Time until a version that failed to load is retried. Long enough not to download a broken file all the time.</summary>
    [Range(typeof(TimeSpan), "00:00:00.020", "01:00:00")]
    public TimeSpan LoadRetryInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Time between two writes of the counts of a rollout's versions, one transaction each while a rollout has traffic. A gate sees counts
    /// at most this late, and a killed process loses at most this much.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.020", "00:05:00")]
    public TimeSpan RolloutFlushInterval { get; set; } = TimeSpan.FromSeconds(1);
}
