namespace Modeldrop.Probe;

/// <summary>Why a file is no model that may be loaded, in plain words; thrown and caught inside the probe only.</summary>
internal sealed class OnnxRejectedException(IReadOnlyList<string> reasons) : Exception(string.Join(" ", reasons))
{
    public OnnxRejectedException(string reason)
        : this([reason])
    {
    }

    public IReadOnlyList<string> Reasons { get; } = reasons;
}
