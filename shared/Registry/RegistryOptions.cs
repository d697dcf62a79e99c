using System.ComponentModel.DataAnnotations;

namespace Modeldrop.Registry;

/// <summary>Limits for drops.</summary>
public sealed class RegistryOptions
{
    public const string SectionName = "Registry";

    /// <summary>
    /// Size of an <c>.onnx</c> file in bytes. Default and upper bound 2 GiB: no larger Protocol Buffers message exists, and larger weights
    /// are external data.
    /// </summary>
    [Range(1, 2L * 1024 * 1024 * 1024)]
    public long MaxModelBytes { get; set; } = 2L * 1024 * 1024 * 1024;

    /// <summary>
    /// Size of each file beside the model in bytes. Default 2 GiB: an instance must hold the files of a version on its disk.
    /// </summary>
    [Range(1, 1024L * 1024 * 1024 * 1024)]
    public long MaxCompanionBytes { get; set; } = 2L * 1024 * 1024 * 1024;

    /// <summary>
    /// Size of a bundle (a version in one file) in bytes. Default 8 GiB: a model of some gigabytes with its weights beside it.
    /// </summary>
    [Range(1, 1024L * 1024 * 1024 * 1024)]
    public long MaxBundleBytes { get; set; } = 8L * 1024 * 1024 * 1024;

    /// <summary>
    /// Number of files beside the model. Default 100: exporters write one external data file, or one for each of the few large tensors.
    /// </summary>
    [Range(0, 10_000)]
    public int MaxCompanions { get; set; } = 100;

    /// <summary>Time without a new file in a drop's folder before the drop is taken. Default 2 s: uploads do not pause longer.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan SettleTime { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a drop waits, after its last file arrived, for files that its graph or its manifest names; then it is refused. Default 1 h:
    /// a file of <see cref="MaxCompanionBytes"/> takes that long over a slow line, and is invisible until it is complete.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "7.00:00:00")]
    public TimeSpan MissingFilesTimeout { get; set; } = TimeSpan.FromHours(1);
}
