using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime.Tensors;
using Modeldrop.Probe;
using Modeldrop.Tests.Scoring;
using Tensor = Modeldrop.Tensors.Tensor;

namespace Modeldrop.Tests.Probe;

/// <summary>The child sees the same inputs and outputs as serving, because both use the same session code.</summary>
public sealed class ProbeTypeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ProbeService _probe = ProbeFixture.Service();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _probe.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Inspect_SequenceOfMaps_IsATensorWithItsClassesInOrder()
    {
        Write(OnnxBuilder.ZipMap("classlabels_strings", OnnxBuilder.Strings("classlabels_strings", "b", "c", "a"), 8, 3));

        InspectionOutcome outcome = await _probe.InspectAsync(_folder.Path, Token);

        Assert.Empty(outcome.Reasons);
        Assert.Equal("y FP32 [-1,-1]", string.Join('|', outcome.Inspection!.Signature.Outputs));
        Assert.Equal(["a", "b", "c"], outcome.Inspection.Classes!);
    }

    [Fact]
    public async Task Score_SequenceOfMaps_GivesColumnsOfTheClassesInOrder()
    {
        Write(OnnxBuilder.ZipMap("classlabels_int64s", OnnxBuilder.Integers("classlabels_int64s", 10, -1, 2), 7, 3));
        string data = _folder.Write("validation.csv", "x_0,x_1,x_2\n1,2,3\n4,5,6\n");

        ScoreOutcome outcome = await _probe.ScoreAsync(_folder.Path, new ScoreRequest { DataFile = data, ChecksBehaviour = true }, Token);
        InspectionOutcome inspected = await _probe.InspectAsync(_folder.Path, Token);

        Assert.Empty(outcome.Reasons);
        Assert.True(outcome.Figures!.IsDeterministic);
        Tensor output = Assert.Single(outcome.Outputs);
        Assert.Equal([2L, 3L], output.Shape);
        Assert.Equal([2, 3, 1, 5, 6, 4], MemoryMarshal.Cast<byte, float>(output.Data.Span).ToArray());
        Assert.Equal(["-1", "2", "10"], inspected.Inspection!.Classes!);
    }

    [Fact]
    public async Task Inspect_TensorsOfAnyRank_AreDistinguishedFromScalars()
    {
        Write(new OnnxBuilder().Input("x", OnnxBuilder.AnyRank(TensorElementType.Float)).Input("t", TensorElementType.Float)
            .Output("y", OnnxBuilder.AnyRank(TensorElementType.Float))
            .Output("s", OnnxBuilder.SequenceType(OnnxBuilder.AnyRank(TensorElementType.Float)))
            .Output("r", OnnxBuilder.SequenceType(OnnxBuilder.TensorType(TensorElementType.Float)))
            .Node("Mul", ["x", "t"], ["y"]).Node("SequenceConstruct", ["x", "t"], ["s"]).Node("SequenceConstruct", ["t", "t"], ["r"])
            .Build());

        InspectionOutcome outcome = await _probe.InspectAsync(_folder.Path, Token);

        Assert.Empty(outcome.Reasons);
        Assert.Equal("x FP32 of any rank|t FP32 []", string.Join('|', outcome.Inspection!.Signature.Inputs));
        Assert.Equal("y FP32 of any rank|s FP32 of any rank|r FP32 [-1]", string.Join('|', outcome.Inspection.Signature.Outputs));
    }

    [Fact]
    public async Task Score_SequenceOfAsManyTensorsAsRows_HasNoRows()
    {
        Write(new OnnxBuilder().Input("x", TensorElementType.Float, -1, 2)
            .Output("y", OnnxBuilder.SequenceType(OnnxBuilder.TensorType(TensorElementType.Float, -1, 2)))
            .Node("SequenceConstruct", ["x", "x"], ["y"]).Build());
        string data = _folder.Write("validation.csv", "x_0,x_1\n1,2\n4,5\n");

        ScoreOutcome outcome = await _probe.ScoreAsync(_folder.Path, new ScoreRequest { DataFile = data, ChecksBehaviour = true }, Token);

        Assert.Empty(outcome.Reasons);
        Assert.Equal(["y"], outcome.Figures!.OutputsLeftOut);
        Assert.Equal((true, false), (outcome.Figures.IsServedAsAlone, outcome.Figures.IsBatchInvariant));
    }

    [Fact]
    public async Task Inspect_InputsThatAreNotTensors_NamesThemAll()
    {
        byte[] sequence = OnnxBuilder.SequenceType(OnnxBuilder.TensorType(TensorElementType.Float, -1));
        Write(new OnnxBuilder().Input("a", sequence).Input("b", sequence)
            .Output("n", OnnxBuilder.TensorType(TensorElementType.Int64)).Output("m", OnnxBuilder.TensorType(TensorElementType.Int64))
            .Node("SequenceLength", ["a"], ["n"]).Node("SequenceLength", ["b"], ["m"]).Build());

        InspectionOutcome outcome = await _probe.InspectAsync(_folder.Path, Token);

        Assert.Equal(
            ["Input 'a' is a sequence; the protocol has only tensors.", "Input 'b' is a sequence; the protocol has only tensors."],
            outcome.Reasons);
    }

    [Theory]
    [InlineData(17, "FLOAT8E4M3FN")]
    [InlineData(14, "COMPLEX64")]
    [InlineData(22, "INT4")]
    public async Task Inspect_TypeWithoutADatatypeInTheProtocol_IsRefusedWithAReason(int type, string name)
    {
        var element = (TensorElementType)type;
        Write(new OnnxBuilder().Input("x", element, -1).Output("y", OnnxBuilder.TensorType(element, -1)).Node("Identity", ["x"],
            ["y"]).Build(opset: 21, irVersion: 10));

        InspectionOutcome outcome = await _probe.InspectAsync(_folder.Path, Token);

        Assert.Equal(
            [
                $"Input 'x' is of {name}, which no client can send or read by the Open Inference Protocol; convert it in the graph, with "
                    + $"a Cast to or from FLOAT.",
                $"Output 'y' is of {name}, which no client can send or read by the Open Inference Protocol; convert it in the graph, "
                    + $"with a Cast to or from FLOAT.",
            ],
            outcome.Reasons);
    }

    [Fact]
    public async Task Inspect_MissingLocale_IsNamed()
    {
        Write(new OnnxBuilder().Input("s", TensorElementType.String, -1).Output("t", OnnxBuilder.TensorType(TensorElementType.String, -1))
            .Node("StringNormalizer", ["s"], ["t"], "", OnnxBuilder.Text("locale", "tlh_QO.UTF-8"), OnnxBuilder.Text("case_change_action",
                "LOWER")).Build());

        InspectionOutcome outcome = await _probe.InspectAsync(_folder.Path, Token);

        Assert.Equal(
            [
                "ONNX Runtime cannot load the model: A StringNormalizer of the model needs the locale 'tlh_QO.UTF-8', which this machine "
                    + "does not have. Install it here, or convert the model without a locale."],
            outcome.Reasons);
    }

    [Fact]
    public async Task Score_OptionalInputWithoutColumn_KeepsTheValueOfTheModel()
    {
        Write(new OnnxBuilder().Input("x", TensorElementType.Float, -1).Input("bias", TensorElementType.Float, 1).Initializer("bias", [10], 1)
            .Output("y", OnnxBuilder.TensorType(TensorElementType.Float, -1)).Node("Add", ["x", "bias"], ["y"]).Build());
        string data = _folder.Write("validation.csv", "x\n1\n2\n");
        string examples = _folder.Write("examples.json", """
            [{"request": {"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 1], "data": [1]}, {"name": "bias", "datatype": "FP32", "shape": [1], "data": [5]}]},
              "response": {"outputs": [{"name": "y", "datatype": "FP32", "shape": [1], "data": [6]}]}}]
            """);

        ScoreOutcome outcome = await _probe.ScoreAsync(_folder.Path, new ScoreRequest { DataFile = data, ExamplesFile = examples }, Token,
            ScoringKit.Declared("bias"));

        Assert.Empty(outcome.Reasons);
        Assert.Equal([11f, 12f], MemoryMarshal.Cast<byte, float>(outcome.Outputs.Single().Data.Span).ToArray());
        // Accepted like a request: [1, 1] although [N] is declared.
        Assert.Equal([6f], MemoryMarshal.Cast<byte, float>(outcome.ExampleOutputs[0]!.Single().Data.Span).ToArray());
    }

    private void Write(byte[] model) => _folder.Write("model.onnx", model);
}
