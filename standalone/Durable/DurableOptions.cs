using System.ComponentModel.DataAnnotations;

namespace Modeldrop.Standalone.Durable;

/// <summary>Settings of the durable engine in this program; section <c>Durable</c> of the configuration.</summary>
internal sealed class DurableOptions
{
    public const string SectionName = "Durable";

    /// <summary>
    /// Name of the task hub. Processes with the same name share their operations. Empty: <see cref="HubNameOf"/>, which differs from the
    /// name in host.json, so that a function app and this program never share a hub by accident.
    /// </summary>
    [RegularExpression("^[A-Za-z][A-Za-z0-9]{2,44}$")]
    public string HubName { get; set; } = "";

    /// <summary>
    /// Number of queues over which orchestrations are distributed, which is also the largest number of processes that share them. Fixed
    /// when the hub is created.
    /// </summary>
    [Range(1, 16)]
    public int PartitionCount { get; set; } = 4;

    /// <summary>
    /// Longest pause between two polls of an idle queue, 1 s. It delays the first step of an operation; an idle process pays one
    /// transaction for each queue and pause.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan MaxQueuePollingInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a received message stays invisible, 12 s. The engine renews it during the work. After a process was killed, its work
    /// continues after this time.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:05", "00:10:00")]
    public TimeSpan VisibilityTimeout { get; set; } = TimeSpan.FromSeconds(12);

    /// <summary>How long a process owns a partition without renewing its lease, 10 s. After that another process takes it over.</summary>
    [Range(typeof(TimeSpan), "00:00:02", "00:01:00")]
    public TimeSpan LeaseInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Activities that run at the same time, 32. This is more than slow work can occupy (<c>Lifecycle__RegistrationSlots</c>, and eight for
    /// each of <c>Lifecycle__BatchSlots</c>), so that a promotion never waits behind it. Most activities wait for storage.
    /// </summary>
    [Range(1, 1000)]
    public int MaxActivities { get; set; } = 32;

    /// <summary>Orchestrations that are in memory at the same time.</summary>
    [Range(1, 10_000)]
    public int MaxOrchestrations { get; set; } = 100;

    /// <summary>
    /// The hub of an installation, derived from its table prefix: installations of one account must not run each other's operations.
    /// </summary>
    public static string HubNameOf(string tablePrefix) => $"{tablePrefix}Standalone";
}
