using System.ComponentModel.DataAnnotations;

namespace Modeldrop.Routing;

/// <summary>How this process follows the registry.</summary>
public sealed class RoutingOptions
{
    public const string SectionName = "Routing";

    /// <summary>
    /// Time between two looks at the registry, one point read each. Serving follows a promote or a rollback after this time and the time
    /// to load the version; 500 ms keep that below 2 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.020", "00:01:00")]
    public TimeSpan RefreshInterval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Time until a version that could not be loaded is tried again. Long enough not to download a broken file all the time.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.020", "01:00:00")]
    public TimeSpan LoadRetryInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Time between two writes of what a rollout's versions did, one transaction each while there is a rollout with traffic. A gate sees
    /// no more than this late, a killed process loses no more than this.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.020", "00:05:00")]
    public TimeSpan RolloutFlushInterval { get; set; } = TimeSpan.FromSeconds(1);
}
