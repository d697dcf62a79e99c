using Modeldrop.Probe;
using Modeldrop.Registry;
using Modeldrop.Tensors;

namespace Modeldrop.Tests.Probe;

public sealed class ProbeSampleTests
{
    private const string Penguins =
        "beak_length_mm FP32 [-1,1]|beak_depth_mm FP32 [-1,1]|flipper_length_mm FP32 [-1,1]|body_mass_g FP32 [-1,1]|island BYTES "
            + "[-1,1]|sex BYTES [-1,1]";

    private const string Flights = "hour INT64 [-1,1]|dow INT64 [-1,1]|distance FP32 [-1,1]|origin BYTES [-1,1]|destination BYTES [-1,1]";

    [Theory]
    [InlineData("penguins/1", Penguins, "label BYTES [-1]|probabilities FP32 [-1,3]", "Adelie|Chinstrap|Gentoo")]
    [InlineData("penguins/2", Penguins, "label BYTES [-1]|probabilities FP32 [-1,3]", "Adelie|Chinstrap|Gentoo")]
    [InlineData("flights/1", Flights, "label INT64 [-1]|probabilities FP32 [-1,2]", "0|1")]
    [InlineData("flights/2", Flights, "label INT64 [-1]|probabilities FP32 [-1,2]", "0|1")]
    [InlineData("flights/bad", Flights, "label INT64 [-1]|probabilities FP32 [-1,2]", "0|1")]
    [InlineData("digits/1", "pixels FP32 [-1,64]", "label INT64 [-1]|probabilities FP32 [-1,10]", "0|1|2|3|4|5|6|7|8|9")]
    public async Task Inspect_Sample_IsDescribed(string model, string inputs, string outputs, string classes)
    {
        using ProbeService probe = ProbeFixture.Service();

        InspectionOutcome outcome = await probe.InspectAsync(SampleFiles.Model(model), TestContext.Current.CancellationToken);

        Assert.Empty(outcome.Reasons);
        ModelInspection inspection = outcome.Inspection!;
        Assert.Equal(inputs, string.Join('|', inspection.Signature.Inputs));
        Assert.Equal(outputs, string.Join('|', inspection.Signature.Outputs));
        Assert.Equal(classes, string.Join('|', inspection.Classes ?? []));
        Assert.Equal(15, inspection.Opsets["ai.onnx"]);
        Assert.Equal(1, inspection.Opsets["ai.onnx.ml"]);
        Assert.StartsWith("skl2onnx", inspection.Producer, StringComparison.Ordinal);
        Assert.NotEmpty(inspection.Operators);
        Assert.True(inspection.Parameters > 0);
    }

    [Theory]
    [InlineData("penguins/1", "penguins", 100, "species", false)]
    [InlineData("flights/2", "flights", 8_000, null, true)]
    [InlineData("digits/1", "digits", 540, "digit", true)]
    public async Task Score_Validation_GivesOutputsAndFigures(string model, string folder, int rows, string? label, bool isBatchInvariant)
    {
        using ProbeService probe = ProbeFixture.Service();
        string data = SampleFiles.PathOf($"{folder}/validation.csv");

        ScoreOutcome outcome = await probe.ScoreAsync(
            SampleFiles.Model(model),
            new ScoreRequest { DataFile = data, WantsLabels = true, WantsInputs = true, LatencyRuns = 50, ChecksBehaviour = true },
            TestContext.Current.CancellationToken);

        Assert.Empty(outcome.Reasons);
        ScoreFigures figures = outcome.Figures!;
        Assert.Equal(File.ReadLines(data).Count() - 1, rows);
        Assert.Equal(rows, figures.Rows);
        Assert.All(outcome.Outputs, output => Assert.Equal(rows, output.Shape[0]));
        Assert.Equal(["label", "probabilities"], outcome.Outputs.Select(output => output.Name));
        Assert.All(outcome.Inputs, input => Assert.Equal(rows, input.Shape[0]));
        // flights has two columns that are not inputs, `ts` and `late`: only a manifest can name the label.
        Assert.Equal(label is null ? [] : [label], figures.LabelColumns);
        Assert.Equal(label is null ? null : rows, outcome.Labels?.Count);
        Assert.NotEmpty(figures.LabelRule!);
        Assert.True(figures.IsDeterministic);
        Assert.True(figures.IsServedAsAlone);
        Assert.Equal(isBatchInvariant, figures.IsBatchInvariant);
        Assert.Equal(50, figures.Latency!.Runs);
        Assert.InRange(figures.Latency.P50Ms, 0, figures.Latency.P95Ms);
        Assert.True(figures.PeakMemoryBytes > 0);
        Assert.NotEmpty(figures.Environment!.OnnxRuntime);
    }

    [Fact]
    public async Task Score_BadRows_NamesEveryLineAndColumn()
    {
        using var folder = new TemporaryFolder();
        using ProbeService probe = ProbeFixture.Service();
        string data = folder.Write("validation.csv", "hour,dow,distance,origin,destination\n1,2,3,A,B\n,x,3,A,B\n1,2.5,far,A,B\n");

        ScoreOutcome outcome = await probe.ScoreAsync(
            SampleFiles.Model("flights/1"), new ScoreRequest { DataFile = data }, TestContext.Current.CancellationToken);

        Assert.False(outcome.IsScored);
        Assert.Equal(
            [
                // The missing hour alone would only leave its row out.
                "'validation.csv', line 3, column 'dow': 'x' is not an integer.",
                "'validation.csv', line 4, column 'dow': '2.5' is not an integer.",
                "'validation.csv', line 4, column 'distance': 'far' is not a number.",
            ],
            outcome.Reasons);
    }

    [Fact]
    public async Task Score_Examples_GivesAnAnswerForEach()
    {
        using var folder = new TemporaryFolder();
        using ProbeService probe = ProbeFixture.Service();
        string pixels = string.Join(',', Enumerable.Repeat("0", 64));
        string examples = folder.Write("examples.json", $$$"""
            [{"request": {"inputs": [{"name": "pixels", "datatype": "FP32", "shape": [1, 64], "data": [[{{{pixels}}}]]}]},
              "response": {"outputs": [{"name": "label", "datatype": "INT64", "shape": [1], "data": [1]}]}},
             {"request": {"inputs": [{"name": "pixels", "datatype": "FP32", "shape": [1, 2], "data": [0, 0]}]},
              "response": {"outputs": [{"name": "label", "datatype": "INT64", "shape": [1], "data": [1]}]}}]
            """);

        ScoreOutcome outcome = await probe.ScoreAsync(
            SampleFiles.Model("digits/1"), new ScoreRequest { ExamplesFile = examples }, TestContext.Current.CancellationToken);

        Assert.Empty(outcome.Reasons);
        Assert.Equal(Datatype.Int64, outcome.ExampleOutputs[0]!.Single(output => output.Name == "label").Datatype);
        Assert.Null(outcome.ExampleOutputs[1]);
        Assert.Contains("pixels", outcome.Figures!.ExampleFailures[1], StringComparison.Ordinal);
    }
}
