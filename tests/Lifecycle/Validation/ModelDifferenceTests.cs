using Modeldrop.Lifecycle.Validation;
using Modeldrop.Manifests;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Tensors;

namespace Modeldrop.Tests.Lifecycle.Validation;

public sealed class ModelDifferenceTests
{
    [Fact]
    public void Between_TwoVersions_ListsTheChanges()
    {
        ModelVersion before = Version(
            opset: 17, operators: [("ai.onnx:Gemm", 2), ("ai.onnx:Relu", 1)], parameters: 1_000, bytes: 4_200, "a", ["no", "yes"]);
        ModelVersion after = Version(opset: 21, operators: [("ai.onnx:Gemm", 3)], parameters: 1_500, bytes: 4_200, "b", ["yes", "no"]);

        ModelDifference difference = ModelDifference.Between(before, after);

        Assert.Equal(
            [
                "Operator set ai.onnx: version 17 → version 21.", "Operator ai.onnx:Gemm: 2 → 3.", "Operator ai.onnx:Relu: 1 → none.",
                "Parameters: 1,000 → 1,500.",
                "Producer: 'a' → 'b'.", "Classes: 'no', 'yes' → 'yes', 'no'.",
            ],
            difference.Changes);
        Assert.Empty(ModelDifference.Between(before, before).Changes);
    }

    private static ModelVersion Version(
        long opset, (string Name, int Count)[] operators, long parameters, long bytes, string producer, string[] classes) => new()
    {
        Model = ModelName.Parse("m"),
        Number = 1,
        Digest = "",
        ModelSha256 = "",
        Files = [new VersionFile(ModelVersion.ModelFile, bytes, "")],
        Inspection = new ModelInspection
        {
            Signature = new Signature([], []),
            Opsets = new Dictionary<string, long> { ["ai.onnx"] = opset },
            Operators = operators.ToDictionary(one => one.Name, one => one.Count),
            IrVersion = 8,
            Producer = producer,
            Metadata = new Dictionary<string, string>(),
            Parameters = parameters,
            Classes = classes,
        },
        Manifest = new Manifest(),
        DroppedAt = DateTimeOffset.UnixEpoch,
        RegisteredAt = DateTimeOffset.UnixEpoch,
        Operation = Ids.Operation("o"),
    };
}
