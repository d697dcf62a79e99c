namespace Modeldrop.Probe.Onnx;

/// <summary>The capabilities of this build's ONNX Runtime.</summary>
/// <remarks>
/// The figures are those of ONNX Runtime 1.31: the highest numbers that <c>ValidateOpsetForDomain</c> (model_load_utils.h) and the
/// <c>Model</c> constructor accept. A test loads one model at each limit and one above it, so an upgrade of the package becomes visible
/// here.
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

    /// <summary>Element types that the Open Inference Protocol has no name for, by TensorProto.DataType.</summary>
    public static IReadOnlyDictionary<long, string> ForeignTypes { get; } = new Dictionary<long, string>
    {
        [14] = "COMPLEX64", [15] = "COMPLEX128", [17] = "FLOAT8E4M3FN", [18] = "FLOAT8E4M3FNUZ", [19] = "FLOAT8E5M2",
        [20] = "FLOAT8E5M2FNUZ",
        [21] = "UINT4", [22] = "INT4", [23] = "FLOAT4E2M1", [24] = "FLOAT8E8M0", [25] = "UINT2", [26] = "INT2",
    };

    /// <summary>The empty string denotes the default domain.</summary>
    public static string Domain(string name) => name.Length == 0 ? DefaultDomain : name;
}
