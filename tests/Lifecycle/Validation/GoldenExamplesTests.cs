using System.Runtime.InteropServices;
using Modeldrop.Errors;
using Modeldrop.Lifecycle.Validation;
using Modeldrop.Probe;
using Modeldrop.Tensors;
using Modeldrop.Tests.Probe;

namespace Modeldrop.Tests.Lifecycle.Validation;

public sealed class GoldenExamplesTests
{
    private static readonly GoldenExample Example = new([], [Floats(0.5f, float.NaN, float.PositiveInfinity), Tensor.OfStrings("label",
        [1], ["a"])], 0.01, 0);

    [Fact]
    public void Compare_WithinTolerance_IsEqual() =>
        Assert.Empty(
            GoldenExamples.Compare(
                Example,
                [
                    Tensor.OfStrings("label", [1], ["a"]), Floats(0.509f, float.NaN, float.PositiveInfinity),
                    Tensor.OfStrings("more", [0], [])
                ]));

    [Fact]
    public void Compare_Differences_AreAllReported()
    {
        IReadOnlyList<string> differences = GoldenExamples.Compare(
            Example, [Floats(0.75f, 1, float.PositiveInfinity), Tensor.OfStrings("label", [1], ["b"])]);

        Assert.Equal(
            [
                "output 'values': 2 of 3 values are off by more than 0.01; element 1 is 1, expected NaN.",
                "output 'label': 1 of 1 values differ; element 0 is b, expected a.",
            ],
            differences);
    }

    [Theory]
    [InlineData(1e-5, 1e-5, true)]
    [InlineData(1e-5, 0, false)]
    [InlineData(0, 1e-7, true)]
    [InlineData(1e-4, 0, true)]
    public void Compare_OneUlpAtAThousand_IsWithinTheRelativeTolerance(double absolute, double relative, bool isEqual)
    {
        var example = new GoldenExample([], [Floats(1000.123f, float.PositiveInfinity)], absolute, relative);

        IReadOnlyList<string> differences = GoldenExamples.Compare(example, [Floats(MathF.BitIncrement(1000.123f),
            float.PositiveInfinity)]);

        Assert.Equal(isEqual, differences.Count == 0);
        Assert.Single(GoldenExamples.Compare(example, [Floats(1000.123f, float.NegativeInfinity)]));
    }

    [Theory]
    [InlineData("\"rtol\": 1e-3, \"atol\": 1e-8", 1e-8, 1e-3)]
    [InlineData("\"rtol\": 0", 1e-5, 0)]
    [InlineData("\"tolerance\": 0.5", 0.5, 1e-5)]
    [InlineData("\"atol\": 0", 0, 0)]
    public async Task Read_Tolerances_FollowNumpy(string members, double absolute, double relative)
    {
        GoldenExample example = Assert.Single(await ReadAsync($$$"""
            [{"request": {"inputs": [{"name": "x", "shape": [1], "datatype": "FP32", "data": [1]}]},
              "response": {"outputs": [{"name": "y", "shape": [1], "datatype": "FP32", "data": [1]}]}, {{{members}}}}]
            """));

        Assert.Equal((absolute, relative), (example.Absolute, example.Relative));
    }

    [Fact]
    public void Compare_OtherShapeOrMissingOutput_IsReported() => Assert.Equal(
        ["output 'values' is FP32 [1], expected FP32 [3].", "output 'label' does not exist."],
        GoldenExamples.Compare(Example, [Floats(1)]));

    [Fact]
    public async Task Read_Examples_ParsesNestedAndFlat()
    {
        IReadOnlyList<GoldenExample> examples = await ReadAsync("""
            [{"request": {"id": "1", "inputs": [{"name": "x", "shape": [2, 2], "datatype": "FP32", "data": [[1, 2], [3, null]]}]},
              "response": {"model_name": "m", "outputs": [{"name": "y", "shape": [2], "datatype": "BYTES", "data": ["a", "b"]}]}, "tolerance": 0},
             {"request": {"inputs": [{"name": "x", "shape": [2], "datatype": "INT64", "data": [9007199254740993, -1]}]},
              "response": {"outputs": [{"name": "y", "shape": [1], "datatype": "BOOL", "data": [true]}]}}]
            """);

        Assert.Equal([1, 2, 3, float.NaN], MemoryMarshal.Cast<byte, float>(examples[0].Inputs[0].Data.Span).ToArray());
        Assert.Equal(["a", "b"], examples[0].Outputs[0].Strings!);
        Assert.Equal([(0, 0), (1e-5, 1e-5)], examples.Select(example => (example.Absolute, example.Relative)));
        Assert.Equal(9_007_199_254_740_993, MemoryMarshal.Cast<byte, long>(examples[1].Inputs[0].Data.Span)[0]);
    }

    [Theory]
    [InlineData("{", "not JSON")]
    [InlineData("{}", "must be a list")]
    [InlineData("[1]", "Example 0: 'request.inputs' must be a list of tensors.")]
    [InlineData("""[{"request": {"inputs": [{"name": "x", "shape": [2], "datatype": "FP32", "data": [1]}]}, "response": {"outputs": []}}]""", "1 elements, but its shape [2] takes 2")]
    [InlineData("""[{"request": {"inputs": [{"name": "x", "shape": [1], "datatype": "FLOAT", "data": [1]}]}}]""", "no known datatype")]
    [InlineData("""[{"request": {"inputs": [{"name": "x", "shape": [1], "datatype": "INT8", "data": [300]}]}}]""", "300 is outside -128 to 127")]
    [InlineData("""[{"tolerance": 1, "atol": 1, "rtol": -1}]""", "'tolerance' and 'atol' are the same")]
    [InlineData("""[{"rtol": "1%"}]""", "'rtol' is not a number from 0")]
    [InlineData("""[{"rtoll": 1}]""", "did you mean 'rtol'?")]
    [InlineData("""[{"request": {"inputs": [{"name": "x", "shape": [9223372036854775807, 9], "datatype": "INT8", "data": []}]}}]""", "0 elements")]
    public async Task Read_InvalidExamples_NamesTheErrors(string json, string expected) =>
        Assert.Contains(expected, (await Assert.ThrowsAsync<ServiceException>(() => ReadAsync(json))).Message, StringComparison.Ordinal);

    private static async Task<IReadOnlyList<GoldenExample>> ReadAsync(string json)
    {
        using var folder = new TemporaryFolder();
        return await GoldenExample.ReadAsync(folder.Write("examples.json", json), TestContext.Current.CancellationToken);
    }

    private static Tensor Floats(params float[] values) =>
        Tensor.OfBytes("values", Datatype.Fp32, [values.Length], MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
}
