namespace Modeldrop.Probe.Onnx;

/// <summary>Why a file is no model that may be loaded, in plain words; thrown and caught inside the probe only.</summary>
/// <param name="missingFiles">External data that are not there, where nothing else is wrong.</param>
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
