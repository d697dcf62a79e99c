using System.ComponentModel.DataAnnotations;

namespace Modeldrop.Registry;

/// <summary>Limits of what may be dropped.</summary>
public sealed class RegistryOptions
{
    public const string SectionName = "Registry";

    /// <summary>
    /// Size of an <c>.onnx</c> file in bytes. Default and upper bound 2 GiB: no larger Protocol Buffers message exists, larger weights are
    /// external data.
    /// </summary>
    [Range(1, 2L * 1024 * 1024 * 1024)]
    public long MaxModelBytes { get; set; } = 2L * 1024 * 1024 * 1024;

    /// <summary>
    /// Size of each file beside the model in bytes. Default 2 GiB: an instance has to hold the files of a version on its disk.
    /// </summary>
    [Range(1, 1024L * 1024 * 1024 * 1024)]
    public long MaxCompanionBytes { get; set; } = 2L * 1024 * 1024 * 1024;

    /// <summary>
    /// Size of a bundle in bytes, a version in one file. Default 8 GiB: a model of some gigabytes with its weights beside it.
    /// </summary>
    [Range(1, 1024L * 1024 * 1024 * 1024)]
    public long MaxBundleBytes { get; set; } = 8L * 1024 * 1024 * 1024;

    /// <summary>
    /// Files beside the model. Default 100: exporters write one external data file, or one a tensor of the few large ones.
    /// </summary>
    [Range(0, 10_000)]
    public int MaxCompanions { get; set; } = 100;

    /// <summary>How long no file of a drop's folder may have come before it is taken. Default 2 s: uploads make no pauses.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan SettleTime { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a drop waits for files that its graph or its manifest names, after the last file that came; then it is refused.
    /// Default 1 h: a file of <see cref="MaxCompanionBytes"/> takes that long over a slow line, and is not there before it is whole.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "7.00:00:00")]
    public TimeSpan MissingFilesTimeout { get; set; } = TimeSpan.FromHours(1);
}
