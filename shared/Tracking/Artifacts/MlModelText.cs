using System.Globalization;
using System.Text.Json;
using Modeldrop.Registry;
using Modeldrop.Tensors;
using YamlDotNet.Serialization;

namespace Modeldrop.Tracking.Artifacts;

/// <summary>Writes the <c>MLmodel</c> of a version that has none, for <c>mlflow.onnx.load_model</c> and <c>pyfunc</c>.</summary>
public static class MlModelText
{
    public const string FileName = "MLmodel";

    /// <summary>MLflow's format of times.</summary>
    private const string TimeFormat = "yyyy-MM-dd HH:mm:ss.ffffff";

    /// <summary>The same version always gives the same text.</summary>
    public static string Of(ModelVersion version)
    {
        string opset = version.Inspection.Opsets.GetValueOrDefault("ai.onnx").ToString(CultureInfo.InvariantCulture);
        var document = new Dictionary<string, object>
        {
            ["artifact_path"] = "model",
            ["flavors"] = new Dictionary<string, object>
            {
                ["onnx"] = new Dictionary<string, object>
                {
                    ["data"] = ModelVersion.ModelFile,
                    ["onnx_version"] = $"opset {opset}",
                    ["providers"] = (string[])["CUDAExecutionProvider", "CPUExecutionProvider"],
                },
                ["python_function"] = new Dictionary<string, object>
                {
                    ["data"] = ModelVersion.ModelFile,
                    ["loader_module"] = "mlflow.onnx",
                },
            },
            ["metadata"] = new Dictionary<string, object>
            {
                ["modeldrop.digest"] = version.Digest,
                ["modeldrop.version"] = $"{version.Model}/{version.Number.ToString(CultureInfo.InvariantCulture)}",
            },
            ["model_uuid"] = version.Digest[..32],
            ["utc_time_created"] = version.RegisteredAt.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture),
        };
        if (SignatureOf(version.Inspection.Signature) is { } signature)
        {
            document["signature"] = signature;
        }

        return new SerializerBuilder().WithQuotingNecessaryStrings().Build().Serialize(document);
    }

    /// <summary>Null: MLflow cannot express one of the tensors.</summary>
    private static Dictionary<string, object>? SignatureOf(Signature signature) =>
        Specs(signature.Inputs) is { } inputs && Specs(signature.Outputs) is { } outputs
            ? new Dictionary<string, object> { ["inputs"] = inputs, ["outputs"] = outputs }
            : null;

    private static string? Specs(IReadOnlyList<TensorSpec> tensors) =>
        tensors.Any(tensor => tensor.UnknownRank || tensor.Sequence || TypeOf(tensor.Datatype) is null) ? null
        : JsonSerializer.Serialize(tensors.Select(tensor => new Dictionary<string, object>
        {
            ["type"] = "tensor",
            ["tensor-spec"] = new Dictionary<string, object> { ["dtype"] = TypeOf(tensor.Datatype)!, ["shape"] = tensor.Shape },
            ["name"] = tensor.Name,
        }));

    /// <summary>NumPy's name of the type.</summary>
    private static string? TypeOf(Datatype datatype) => datatype switch
    {
        Datatype.Bf16 => null,
        Datatype.Fp16 => "float16",
        Datatype.Fp32 => "float32",
        Datatype.Fp64 => "float64",
        Datatype.Bytes => "object",
        _ => datatype.ToString().ToLowerInvariant(),
    };
}
