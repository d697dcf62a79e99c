namespace Modeldrop.Probe.Onnx;

/// <summary>The texts known to the encoders that one input feeds.</summary>
internal sealed class TextKeys
{
    private readonly HashSet<string> _exact = new(StringComparer.Ordinal);
    private readonly HashSet<string> _lowered = new(StringComparer.Ordinal);
    private readonly HashSet<string> _raised = new(StringComparer.Ordinal);

    /// <param name="change">The StringNormalizer's change before the encoder: <c>LOWER</c>, <c>UPPER</c>, or nothing.</param>
    public void Add(IEnumerable<string> keys, string change)
    {
        HashSet<string> known = change switch { "LOWER" => _lowered, "UPPER" => _raised, _ => _exact };
        known.UnionWith(keys);
    }

    public bool Know(string text) =>
        _exact.Contains(text)
        || (_lowered.Count > 0 && _lowered.Contains(text.ToLowerInvariant()))
        || (_raised.Count > 0 && _raised.Contains(text.ToUpperInvariant()));
}
