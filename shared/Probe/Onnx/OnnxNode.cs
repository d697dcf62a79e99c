namespace Modeldrop.Probe.Onnx;

/// <summary>The stored parts of a node while it is read.</summary>
internal sealed class OnnxNode
{
    public string Type { get; set; } = "";

    public string Domain { get; set; } = "";

    public List<string> Inputs { get; } = [];

    public List<string> Outputs { get; } = [];

    /// <summary>Class names among its attributes.</summary>
    public List<string> Labels { get; } = [];

    /// <summary>Texts that the node encodes.</summary>
    public List<string> Keys { get; } = [];

    /// <summary>A StringNormalizer's <c>case_change_action</c>.</summary>
    public string CaseChange { get; set; } = "";
}
