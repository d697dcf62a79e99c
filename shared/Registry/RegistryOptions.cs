using System.ComponentModel.DataAnnotations;

namespace Modeldrop.Registry;

/// <summary>Limits of what may be dropped.</summary>
public sealed class RegistryOptions
{
    public const string SectionName = "Registry";

    /// <summary>Size of an <c>.onnx</c> file in bytes. Default and upper bound 2 GiB: no larger Protocol Buffers message exists, larger weights are external data.</summary>
    [Range(1, 2L * 1024 * 1024 * 1024)]
    public long MaxModelBytes { get; set; } = 2L * 1024 * 1024 * 1024;

    /// <summary>Size of each file beside the model in bytes. Default 2 GiB: an instance has to hold the files of a version on its disk.</summary>
    [Range(1, 1024L * 1024 * 1024 * 1024)]
    public long MaxCompanionBytes { get; set; } = 2L * 1024 * 1024 * 1024;

    /// <summary>Files beside the model. Default 100: exporters write one external data file, or one a tensor of the few large ones.</summary>
    [Range(0, 10_000)]
    public int MaxCompanions { get; set; } = 100;
}
