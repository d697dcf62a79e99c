using System.ComponentModel.DataAnnotations;

namespace Modeldrop.Lifecycle.Replay;

/// <summary>How much of the prediction log a new version is compared with.</summary>
public sealed class ReplayOptions
{
    public const string SectionName = "Replay";

    /// <summary>
    /// Number of the champion's last logged records that are scored again; 0: none. Default 10,000: if none of them disagrees, a rate of
    /// 0.03 % can be ruled out.
    /// </summary>
    [Range(0, 1_000_000)]
    public int MaxRecords { get; set; } = 10_000;

    /// <summary>Older records are left out. Default 30 days: traffic of another season would not be representative.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "3660.00:00:00")]
    public TimeSpan MaxAge { get; set; } = TimeSpan.FromDays(30);

    /// <summary>
    /// Records that one child process scores; default 5,000. Each process loads the model anew, and each block may run on another instance.
    /// </summary>
    [Range(1, 100_000)]
    public int BlockRecords { get; set; } = 5_000;

    /// <summary>Minimum number of rows for a verdict; default 100.</summary>
    [Range(1, 1_000_000)]
    public int MinimumRows { get; set; } = 100;
}
