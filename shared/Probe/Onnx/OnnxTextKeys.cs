namespace Modeldrop.Probe.Onnx;

/// <summary>Finds the texts that the encoders of a graph know, by the input that feeds them.</summary>
/// <remarks>
/// Texts reach an encoder unchanged through operators that only move elements, and possibly with changed case through a StringNormalizer.
/// After any other operator they are no longer values of an input, and are ignored.
/// </remarks>
internal sealed class OnnxTextKeys
{
    /// <summary>With more keys, none are stored.</summary>
    public const int MaxKeys = 1_000_000;

    /// <summary>Maximum number of tensors between an encoder and the inputs that feed it.</summary>
    private const int MaxSteps = 10_000;

    private static readonly HashSet<string> Encoders = ["ai.onnx.ml:LabelEncoder", "ai.onnx.ml:OneHotEncoder", "ai.onnx.ml:CategoryMapper"];

    private static readonly HashSet<string> Movers =
    [
        "ai.onnx:StringNormalizer", "ai.onnx.ml:ArrayFeatureExtractor", "ai.onnx:Concat", "ai.onnx:Expand", "ai.onnx:Flatten",
        "ai.onnx:Gather", "ai.onnx:Identity", "ai.onnx:Reshape", "ai.onnx:Slice", "ai.onnx:Split", "ai.onnx:Squeeze", "ai.onnx:Tile",
        "ai.onnx:Transpose", "ai.onnx:Unsqueeze",
    ];

    private readonly Dictionary<string, OnnxNode> _moved = new(StringComparer.Ordinal);
    private readonly List<OnnxNode> _encoders = [];
    private long _keys;

    public static bool IsKeyAttribute(string name) => name is "keys_strings" or "cats_strings" or "classes_strings" or "keys_tensor";

    /// <param name="name">The operator as <c>domain:type</c>.</param>
    public void Add(string name, OnnxNode node)
    {
        if (Encoders.Contains(name) && node.Keys.Count > 0 && node.Inputs.Count > 0)
        {
            _keys += node.Keys.Count;
            if (_keys <= MaxKeys)
            {
                _encoders.Add(node);
            }
        }
        else if (Movers.Contains(name))
        {
            foreach (string output in node.Outputs)
            {
                _moved[output] = node;
            }
        }
    }

    /// <summary>
    /// By the names of graph inputs and of other tensors that no node moves; empty if there are more than <see cref="MaxKeys"/> keys.
    /// </summary>
    public Dictionary<string, TextKeys> Find()
    {
        var found = new Dictionary<string, TextKeys>(StringComparer.Ordinal);
        foreach (OnnxNode encoder in _keys <= MaxKeys ? _encoders : [])
        {
            foreach ((string origin, string change) in OriginsOf(encoder.Inputs[0]))
            {
                if (!found.TryGetValue(origin, out TextKeys? keys))
                {
                    found[origin] = keys = new TextKeys();
                }

                keys.Add(encoder.Keys, change);
            }
        }

        return found;
    }

    private List<(string Tensor, string Change)> OriginsOf(string tensor)
    {
        var origins = new List<(string, string)>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<(string Tensor, string Change)>([(tensor, "")]);
        while (open.TryPop(out (string Tensor, string Change) next) && seen.Count < MaxSteps)
        {
            if (!seen.Add(next.Tensor))
            {
                continue;
            }

            if (!_moved.TryGetValue(next.Tensor, out OnnxNode? mover))
            {
                origins.Add(next);
                continue;
            }

            // The change nearest to the encoder is the last one, so it decides.
            string change = next.Change.Length == 0 && mover.CaseChange is "LOWER" or "UPPER" ? mover.CaseChange : next.Change;
            foreach (string input in mover.Inputs)
            {
                open.Push((input, change));
            }
        }

        return origins;
    }
}
