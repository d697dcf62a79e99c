using System.Text.Json.Nodes;
using Modeldrop.Exchange.Bom;
using Modeldrop.Manifests;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Tensors;

namespace Modeldrop.Tests.Exchange.Bom;

public sealed class ModelBomTests
{
    private static readonly byte[] Report = """
        {"metrics":{"values":{"roc_auc":0.71,"accuracy":0.8},"intervals":{"roc_auc":{"low":0.7,"high":0.72}}}}
        """u8.ToArray();

    private static readonly string Hash = new('a', 64);

    private static readonly ModelVersion Version = new()
    {
        Model = ModelName.Parse("flights"),
        Number = 2,
        Digest = Hash,
        ModelSha256 = new string('b', 64),
        Files = [new VersionFile("model.onnx", 5, new string('b', 64)), new VersionFile("weights.data", 7, Hash)],
        Inspection = new ModelInspection
        {
            Signature = new Signature([new TensorSpec("x", Datatype.Fp32, [-1, 4])], [new TensorSpec("y", Datatype.Fp32, [-1])]),
            Opsets = new Dictionary<string, long> { ["ai.onnx"] = 17 },
            Operators = new Dictionary<string, int>(),
            IrVersion = 8,
            Producer = "skl2onnx",
            Metadata = new Dictionary<string, string> { ["team"] = "ops" },
            Parameters = 5,
        },
        Manifest = new Manifest { Description = "late flights", Task = ModelTask.Classification },
        Dataset = new DatasetReference("flights-2001-01", 3, Hash),
        Origin = new VersionOrigin("dev", ModelName.Parse("late"), 7, Hash, null, null),
        Signatures = [new SignatureFinding("model.sig", SignatureVerdict.Trusted, "key", Hash, null, "signed.")],
        DroppedAt = DateTimeOffset.UnixEpoch,
        RegisteredAt = DateTimeOffset.UnixEpoch,
        Operation = Ids.Operation("op"),
    };

    [Fact]
    public void Of_Version_NamesModelFilesDataMetricsAndOrigin()
    {
        JsonObject bom = ModelBom.Of(Version, Report);

        Assert.Equal(("CycloneDX", "1.6"), ((string?)bom["bomFormat"], (string?)bom["specVersion"]));
        JsonNode model = bom["metadata"]!["component"]!;
        Assert.Equal(("machine-learning-model", "flights", "2", Version.ModelSha256), (
            (string?)model["type"], (string?)model["name"], (string?)model["version"], (string?)model["hashes"]![0]!["content"]));
        Assert.Equal(("late", "7", "dev"), (
            (string?)model["pedigree"]!["ancestors"]![0]!["name"], (string?)model["pedigree"]!["ancestors"]![0]!["version"],
            (string?)model["pedigree"]!["ancestors"]![0]!["group"]));
        JsonNode card = model["modelCard"]!;
        Assert.Equal("classification", (string?)card["modelParameters"]!["task"]);
        JsonArray metrics = card["quantitativeAnalysis"]!["performanceMetrics"]!.AsArray();
        Assert.Equal(["accuracy", "roc_auc"], metrics.Select(metric => (string?)metric!["type"]));
        Assert.Equal(("0.71", "0.7"), ((string?)metrics[1]!["value"], (string?)metrics[1]!["confidenceInterval"]!["lowerBound"]));
        Dictionary<string, string> properties = model["properties"]!.AsArray().ToDictionary(
            property => (string)property!["name"]!, property => (string)property!["value"]!);
        Assert.Equal(("17", "8", "ops", "Trusted: signed."), (
            properties["onnx:opset:ai.onnx"], properties["onnx:irVersion"], properties["onnx:metadata:team"],
            properties["modeldrop:signature:model.sig"]));
        Assert.Equal(["file:weights.data", "dataset"], bom["components"]!.AsArray().Select(component => (string?)component!["bom-ref"]));
        Assert.Equal(["file:weights.data", "dataset"], bom["dependencies"]![0]!["dependsOn"]!.AsArray().Select(one => (string?)one));
    }

    [Fact]
    public void Of_SameVersion_GivesTheSameText()
    {
        Assert.Equal(ModelBom.Of(Version, Report).ToJsonString(), ModelBom.Of(Version, Report).ToJsonString());
        Assert.NotEqual(
            (string?)ModelBom.Of(Version, Report)["serialNumber"],
            (string?)ModelBom.Of(Version with { Digest = new string('c', 64) }, null)["serialNumber"]);
        Assert.Null(ModelBom.Of(Version, null)["metadata"]!["component"]!["modelCard"]!["quantitativeAnalysis"]);
    }
}
