using System.ComponentModel.DataAnnotations;

namespace Modeldrop.Standalone;

/// <summary>Settings of this program as the host of the functions; section <c>Host</c> of the configuration.</summary>
internal sealed class StandaloneOptions
{
    public const string SectionName = "Host";

    /// <summary>Folder of the emulator and its data, relative to the current directory.</summary>
    [Required]
    public string DataPath { get; set; } = ".data";

    /// <summary>Folder of the emulator's installation; null for <c>tools</c> in <see cref="DataPath"/>.</summary>
    public string? ToolsPath { get; set; }

    /// <summary>
    /// Container of the lease and of the timers' status, after the prefix of all containers. Processes with the same container take turns
    /// in leading.
    /// </summary>
    [Required]
    public string Container { get; set; } = "standalone-hosts";

    /// <summary>Table of the blob trigger's receipts, after the prefix of all tables.</summary>
    [Required]
    public string ReceiptTable { get; set; } = "StandaloneReceipts";

    /// <summary>15 to 60 s, a rule of the storage service. The shortest lease lets another process take over soonest.</summary>
    [Range(typeof(TimeSpan), "00:00:15", "00:01:00")]
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Two renewals may fail before the lease is lost.</summary>
    public TimeSpan LeaseRenewInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a process that does not lead tries to. Together with the lease's duration this bounds the gap to 17 s.</summary>
    public TimeSpan LeaseAcquireInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Pause between two listings of a blob trigger's container while there is activity.</summary>
    public TimeSpan BlobPollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The pause grows to this without activity, so that an idle process costs little.</summary>
    public TimeSpan BlobIdleInterval { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Pause before the second run for a failed blob; it doubles each time.</summary>
    public TimeSpan BlobRetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Runs of one function at the same time.</summary>
    [Range(1, 1000)]
    public int BlobParallelism { get; set; } = 8;
}
