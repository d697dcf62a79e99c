namespace Modeldrop.Probe;

/// <summary>What the ONNX Runtime of this build can load.</summary>
/// <remarks>
/// The figures are those of ONNX Runtime 1.31: the highest numbers that <c>ValidateOpsetForDomain</c> (model_load_utils.h) and the
/// <c>Model</c> constructor accept. A test loads one model at and one above each of them, so that an upgrade of the package shows here.
/// </remarks>
internal static class OnnxSupport
{
    public const long MaxIrVersion = 13;

    public const string DefaultDomain = "ai.onnx";

    public const string MlDomain = "ai.onnx.ml";

    /// <summary>The newest operator-set version by domain; ONNX Runtime registers no operator in any other domain.</summary>
    public static IReadOnlyDictionary<string, long> MaxOpsets { get; } = new Dictionary<string, long>
    {
        [DefaultDomain] = 26,
        [MlDomain] = 5,
        ["ai.onnx.training"] = 1,
        ["ai.onnx.preview"] = 1,
        ["ai.onnx.preview.training"] = 1,
        ["com.microsoft"] = 1,
        ["com.microsoft.experimental"] = 1,
        ["com.microsoft.nchwc"] = 1,
        ["org.pytorch.aten"] = 1,
    };

    /// <summary>The empty string is a spelling of the default domain.</summary>
    public static string Domain(string name) => name.Length == 0 ? DefaultDomain : name;
}
