using System.Text;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Tensors;
using Modeldrop.Tests.Registry;
using Modeldrop.Tracking.Artifacts;
using Modeldrop.Tracking.Models;

namespace Modeldrop.Tests.Tracking.Models;

/// <summary><c>MLmodel</c>, read and generated.</summary>
public sealed class MlModelTests
{
    /// <summary>As written by the client of MLflow 3.6.</summary>
    private const string Written = """
        artifact_path: mlflow-artifacts:/0/models/m-1/artifacts
        flavors:
          onnx:
            code: null
            data: model.onnx
            onnx_session_options: null
            onnx_version: 1.12.0
            providers:
            - CUDAExecutionProvider
            - CPUExecutionProvider
          python_function:
            data: model.onnx
            env:
              conda: conda.yaml
              virtualenv: python_env.yaml
            loader_module: mlflow.onnx
        is_signature_from_type_hint: false
        model_id: m-1
        run_id: 7a91913b19e9482e962f1eeab4f126ee
        signature:
          inputs: '[{"type": "tensor", "name": "x"}]'
          params: null
        """;

    [Fact]
    public void Read_FileOfTheClient_GivesFlavorDataAndRun()
    {
        MlModel? model = MlModelReader.Read(Encoding.UTF8.GetBytes(Written), out string? violation);

        Assert.Null(violation);
        Assert.Equal(["onnx", "python_function"], model!.Flavors);
        Assert.Equal(("model.onnx", "7a91913b19e9482e962f1eeab4f126ee"), (model.Data, model.RunId));
    }

    [Theory]
    [InlineData("flavors:\n  sklearn:\n    pickled_model: model.pkl\n", "no flavor 'onnx' (it has 'sklearn')")]
    [InlineData("run_id: x\n", "no flavor 'onnx' (it has none)")]
    [InlineData("", "no flavor 'onnx'")]
    [InlineData("flavors: {onnx: {data: ../../etc/passwd}}", "'flavors.onnx.data' in MLmodel is '../../etc/passwd'")]
    [InlineData("flavors: [a, b", "cannot be read as YAML at line")]
    [InlineData("a: b: c", "cannot be read as YAML at line")]
    public void Read_ModelThatCannotBeServed_IsRefusedWithAReason(string yaml, string reason)
    {
        MlModelReader.Read(Encoding.UTF8.GetBytes(yaml), out string? violation);

        Assert.Contains(reason, violation, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_DeepAndRepeatedContent_TakesNoTime()
    {
        MlModelReader.Read(Encoding.UTF8.GetBytes(new string('[', 1_000_000)), out string? deep);
        string bomb = string.Concat(
            Enumerable.Range(1, 30).Select(level => $"a{level}: &a{level} [*a{level - 1}, *a{level - 1}]\n")).Insert(0, "a0: &a0 [x]\n");
        MlModelReader.Read(Encoding.UTF8.GetBytes(bomb + Written), out string? violation);

        Assert.Contains("deeper than", deep, StringComparison.Ordinal);
        Assert.Null(violation);
    }

    [Fact]
    public void Of_DroppedVersion_RoundTripsAndIsTheSameEachTime()
    {
        ModelVersion version = Version(Datatype.Fp32);
        string text = MlModelText.Of(version);

        MlModel? model = MlModelReader.Read(Encoding.UTF8.GetBytes(text), out string? violation);

        Assert.Null(violation);
        Assert.Equal(["onnx", "python_function"], model!.Flavors);
        Assert.Contains("loader_module: mlflow.onnx", text, StringComparison.Ordinal);
        Assert.Contains(
            "\"dtype\":\"float32\",\"shape\":[-1,4]", text.Replace("\\", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(text, MlModelText.Of(version));
    }

    [Fact]
    public void Of_TypeUnknownToNumpy_HasNoSignature() =>
        Assert.DoesNotContain("signature", MlModelText.Of(Version(Datatype.Bf16)), StringComparison.Ordinal);

    private static ModelVersion Version(Datatype type)
    {
        var drop = new StagedDrop
        {
            Operation = Ids.Operation("op"), Folder = "f", DroppedAs = "flights/model.onnx", ETag = "e", Model = ModelName.Parse("flights"),
            Digest = new string('a', 64), Files = [new VersionFile(ModelVersion.ModelFile, 1, "b")], DroppedAt = default,
            StagedAt = default,
        };
        VersionRegistration registration = RegistryKit.Registration(drop);
        return new ModelVersion
        {
            Model = drop.Model, Number = 1, Digest = drop.Digest, ModelSha256 = "b", Files = drop.Files, Manifest = registration.Manifest,
            Inspection = registration.Inspection with
            {
                Signature = new Signature([new TensorSpec("x", type, [-1, 4])], [new TensorSpec("label", Datatype.Int64, [-1])]),
            },
            DroppedAt = default, RegisteredAt = default, Operation = Ids.Operation("op"),
        };
    }
}
