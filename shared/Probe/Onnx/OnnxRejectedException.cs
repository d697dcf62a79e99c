namespace Modeldrop.Probe.Onnx;

/// <summary>Explains in plain words why a file must not be loaded as a model. Thrown and caught only inside the probe.</summary>
/// <param name="missingFiles">Missing external data, if there is no other problem.</param>
internal sealed class OnnxRejectedException(IReadOnlyList<string> reasons, IReadOnlyList<string>? missingFiles = null)
    : Exception(string.Join(" ", reasons))
{
    public OnnxRejectedException(string reason)
        : this([reason])
    {
    }

    public IReadOnlyList<string> Reasons { get; } = reasons;

    public IReadOnlyList<string> MissingFiles { get; } = missingFiles ?? [];
}
