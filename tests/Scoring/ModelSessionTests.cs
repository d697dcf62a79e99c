using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime.Tensors;
using Modeldrop.Errors;
using Modeldrop.Scoring.Sessions;
using Modeldrop.Tensors;
using Tensor = Modeldrop.Tensors.Tensor;

namespace Modeldrop.Tests.Scoring;

public sealed class ModelSessionTests : IDisposable
{
    private readonly SessionFolder _models = new();

    public void Dispose() => _models.Dispose();

    [Fact]
    public void Run_ZipMapWithNames_IsATable()
    {
        using ModelSession session = _models.Load(
            OnnxBuilder.ZipMap("classlabels_strings", OnnxBuilder.Strings("classlabels_strings", "a", "b", "c"), 8, 3));

        Tensor output = session.Run([Floats("x", [2, 3], 1, 2, 3, 4, 5, 6)]).Single();

        Assert.Equal("y FP32 [-1,-1]", session.Signature.Outputs.Single().ToString());
        Assert.Equal([2, 3], output.Shape);
        Assert.Equal([1, 2, 3, 4, 5, 6], MemoryMarshal.Cast<byte, float>(output.Data.Span).ToArray());
    }

    [Fact]
    public void Run_ZipMapWithNumbersOutOfOrder_ColumnsAscend()
    {
        using ModelSession session = _models.Load(
            OnnxBuilder.ZipMap("classlabels_int64s", OnnxBuilder.Integers("classlabels_int64s", 10, -1, 2), 7, 3));

        Tensor output = session.Run([Floats("x", [1, 3], 1, 2, 3)]).Single();

        Assert.Equal([2, 3, 1], MemoryMarshal.Cast<byte, float>(output.Data.Span).ToArray());
    }

    [Fact]
    public void Run_OtherNumberOfRowsThanDeclared_IsReturnedUnchangedEachTime()
    {
        // Declared as one row per row, but it is their sum.
        byte[] onnx = new OnnxBuilder()
            .Input("x", TensorElementType.Float, -1).Output("y", OnnxBuilder.TensorType(TensorElementType.Float, -1))
                .Node("ReduceSum", ["x"], ["y"]).Build();
        using ModelSession session = _models.Load(onnx);

        foreach (int rows in (int[])[1, 3, 2, 3])
        {
            Tensor sum = session.Run([Floats("x", [rows], [.. Enumerable.Repeat(2f, rows)])]).Single();
            Assert.Equal((1, 2f * rows), (sum.Count, MemoryMarshal.Cast<byte, float>(sum.Data.Span)[0]));
        }
    }

    [Fact]
    public void Run_RequestsOfManySizes_NeverMixWithEarlierRuns()
    {
        using ModelSession session = _models.Load(OnnxBuilder.Identity(TensorElementType.Float, -1, 2));
        Parallel.For(0, 2000, run =>
        {
            float[] values = [.. Enumerable.Range(0, 2 * ((run % 70) + 1)).Select(element => (run * 1000f) + element)];
            Tensor output = session.Run([Floats("x", [values.Length / 2, 2], values)]).Single();
            Assert.Equal(values, MemoryMarshal.Cast<byte, float>(output.Data.Span).ToArray());
        });
    }

    [Fact]
    public void Run_ZipMapWithoutRows_IsEmpty()
    {
        using ModelSession session = _models.Load(
            OnnxBuilder.ZipMap("classlabels_int64s", OnnxBuilder.Integers("classlabels_int64s", 0, 1), 7, 2));

        Assert.Equal([0, 0], session.Run([Floats("x", [0, 2])]).Single().Shape);
    }

    [Fact]
    public void Run_SequenceOfTensors_IsStacked()
    {
        byte[] onnx = new OnnxBuilder().Input("x", TensorElementType.Float, -1)
            .Output("y", OnnxBuilder.SequenceType(OnnxBuilder.TensorType(TensorElementType.Float, -1)))
            .Node("SequenceConstruct", ["x", "x"], ["y"]).Build();
        using ModelSession session = _models.Load(onnx);

        Tensor output = session.Run([Floats("x", [2], 1, 2)]).Single();

        Assert.Equal("y FP32 [-1,-1]", session.Signature.Outputs.Single().ToString());
        Assert.Equal([2, 2], output.Shape);
        Assert.Equal([1, 2, 1, 2], MemoryMarshal.Cast<byte, float>(output.Data.Span).ToArray());
    }

    [Fact]
    public void Run_SequenceOfTensorsOfDifferentShapes_IsRefusedByName()
    {
        byte[] onnx = new OnnxBuilder().Input("x", TensorElementType.Float, -1).Input("z", TensorElementType.Float, -1)
            .Output("y", OnnxBuilder.SequenceType(OnnxBuilder.AnyRank(TensorElementType.Float)))
            .Node("SequenceConstruct", ["x", "z"], ["y"]).Build();
        using ModelSession session = _models.Load(onnx);

        ServiceException exception = Assert.Throws<ServiceException>(
            () => session.Run([Floats("x", [2], 1, 2), Floats("z", [3], 1, 2, 3)]));

        Assert.Equal(ErrorCode.InvalidTensor, exception.Code);
        Assert.Contains("output 'y' have different shapes, such as [2] and [3]", exception.Message, StringComparison.Ordinal);
        Assert.Equal([2, 2], session.Run([Floats("x", [2], 1, 2), Floats("z", [2], 3, 4)]).Single().Shape);
    }

    [Fact]
    public void Run_NoInputs_Answers()
    {
        byte[] onnx = new OnnxBuilder().Initializer("w", [1, 2], 2)
            .Output("y", OnnxBuilder.TensorType(TensorElementType.Float, -1)).Node("Relu", ["w"], ["y"]).Build();
        using ModelSession session = _models.Load(onnx);

        Assert.Equal([1, 2], Values(session.Run([])));
    }

    [Fact]
    public void Load_InitializersListedAsInputs_AreHidden()
    {
        byte[] onnx = File.ReadAllBytes(Path.Combine(RepositoryFiles.Root, "tests", "Cases", "inits.onnx"));
        using ModelSession plain = _models.Load(onnx);
        using ModelSession named = _models.Load(onnx, declared: ScoringKit.Declared("b"));

        Assert.Equal(["x"], plain.Signature.Inputs.Select(input => input.Name));
        Assert.Equal(["x", "b"], named.Signature.Inputs.Select(input => input.Name));
    }

    [Fact]
    public void Run_OptionalInput_MayBeLeftOut()
    {
        byte[] onnx = new OnnxBuilder().Input("x", TensorElementType.Float, -1).Input("bias", TensorElementType.Float, 1)
            .Initializer("bias", [10], 1)
            .Output("y", OnnxBuilder.TensorType(TensorElementType.Float, -1)).Node("Add", ["x", "bias"], ["y"]).Build();
        using ModelSession session = _models.Load(onnx, declared: ScoringKit.Declared("bias"));
        Tensor x = Floats("x", [2], 1, 2);

        Assert.Equal([("x", false), ("bias", true)], session.Signature.Inputs.Select(input => (input.Name, input.Optional)));
        Assert.Equal([11, 12], Values(session.Run(TensorValidation.Normalize(session.Signature, [x]))));
        Assert.Equal([6, 7], Values(session.Run(TensorValidation.Normalize(session.Signature, [Floats("bias", [1], 5), x]))));
    }

    [Fact]
    public void Run_MemoryThatIsNotAligned_IsRead()
    {
        using ModelSession session = _models.Load(OnnxBuilder.Identity(TensorElementType.Double, -1));
        byte[] bytes = new byte[25];
        MemoryMarshal.Cast<double, byte>(new[] { 1.5, 2.5, 3.5 }).CopyTo(bytes.AsSpan(1));

        Tensor output = session.Run([Tensor.OfBytes("x", Datatype.Fp64, [3], bytes.AsMemory(1))]).Single();

        Assert.Equal(bytes[1..], output.Data.ToArray());
    }

    [Fact]
    public async Task Run_ManyAtOnce_NeverMixTheirRows()
    {
        using ModelSession session = _models.Load(OnnxBuilder.Identity(TensorElementType.Float, -1));

        await Parallel.ForAsync(0, 5_000, TestContext.Current.CancellationToken, (i, _) =>
        {
            float[] row = [.. Enumerable.Range(0, 1 + (i % 7)).Select(column => (i * 10f) + column)];
            Assert.Equal(row, Values(session.Run([Floats("x", [row.Length], row)])));
            return ValueTask.CompletedTask;
        });
    }

    [Theory]
    [InlineData("")]
    [InlineData("this is no model")]
    public void Load_NotAModel_IsAnError(string content)
    {
        ServiceException exception = Assert.Throws<ServiceException>(() => _models.Load(System.Text.Encoding.UTF8.GetBytes(content)));

        Assert.Equal(ErrorCode.ModelLoadFailed, exception.Code);
    }

    [Fact]
    public void Load_TypeWithoutADatatypeInTheProtocol_IsAnError()
    {
        ServiceException exception = Assert.Throws<ServiceException>(
            () => _models.Load(OnnxBuilder.Identity(TensorElementType.Complex64, -1)));

        Assert.Equal(ErrorCode.ModelLoadFailed, exception.Code);
    }

    [Theory]
    [InlineData("penguins/1", "beak_length_mm FP32 [-1,1]", "label BYTES [-1]", "probabilities FP32 [-1,3]")]
    [InlineData("flights/2", "hour INT64 [-1,1]", "label INT64 [-1]", "probabilities FP32 [-1,2]")]
    [InlineData("digits/1", "pixels FP32 [-1,64]", "label INT64 [-1]", "probabilities FP32 [-1,10]")]
    public void Signature_OfSamples_HasTheDatatypesOfTheProtocol(string sample, string input, params string[] outputs)
    {
        using ModelSession session = ModelSession.Load(ScoringKit.SamplePath(sample));

        Assert.Contains(input, session.Signature.Inputs.Select(spec => spec.ToString()));
        Assert.Equal(outputs, session.Signature.Outputs.Select(spec => spec.ToString()));
    }

    [Fact]
    public void Run_InputThatTheGraphRefuses_IsTheCallersError()
    {
        using ModelSession session =
            _models.Load(new OnnxBuilder().Input("x", TensorElementType.Float, -1).Input("z", TensorElementType.Float, -1)
            .Output("y", OnnxBuilder.TensorType(TensorElementType.Float, -1)).Node("Add", ["x", "z"], ["y"]).Build());

        ServiceException exception = Assert.Throws<ServiceException>(
            () => session.Run([Floats("x", [2], 1, 2), Floats("z", [3], 1, 2, 3)]));

        Assert.Equal(ErrorCode.InvalidTensor, exception.Code);
        Assert.DoesNotContain("/", exception.Message, StringComparison.Ordinal);
    }

    private static float[] Values(IReadOnlyList<Tensor> outputs) => MemoryMarshal.Cast<byte, float>(outputs[0].Data.Span).ToArray();

    private static Tensor Floats(string name, long[] shape, params float[] values) =>
        Tensor.OfBytes(name, Datatype.Fp32, shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
}
