using Modeldrop.Errors;
using Modeldrop.Tensors;

namespace Modeldrop.Tests.Tensors;

public sealed class TensorValidationTests
{
    private static readonly Signature Two = new(
        [
            new TensorSpec("a", Datatype.Fp32, [-1, 1]), new TensorSpec("b", Datatype.Int64, [-1]),
            new TensorSpec("c", Datatype.Fp32, [-1, 2]) { Optional = true }
        ], []);

    [Fact]
    public void Normalize_AnyOrderAndRank_GivesThoseOfTheModel()
    {
        IReadOnlyList<Tensor> normalized = TensorValidation.Normalize(
            Two, [Zeros("b", Datatype.Int64, 3, 1), Zeros("a", Datatype.Fp32, 3)]);

        Assert.Equal(["a", "b"], normalized.Select(tensor => tensor.Name));
        Assert.Equal([3, 1], normalized[0].Shape);
        Assert.Equal([3], normalized[1].Shape);
    }

    [Fact]
    public void Normalize_SeveralErrors_NamesAll()
    {
        ServiceException exception = Assert.Throws<ServiceException>(() => TensorValidation.Normalize(Two,
            [
                Zeros("a", Datatype.Fp64, 3, 2), Zeros("c", Datatype.Fp32, 3, 2), Zeros("c", Datatype.Fp32, 3, 2),
                Zeros("d", Datatype.Bool, 1)
            ]));

        Assert.Equal(ErrorCode.InvalidTensor, exception.Code);
        Assert.Equal(
            [
                "Input 'a' is FP64; the model takes FP32.",
                "Input 'a' has shape [3,2]; the model takes [-1,1] (-1: any).",
                "Input 'b' (INT64 [-1]) is missing.",
                "Input 'c' appears more than once.",
                "The model has no input 'd'; it has 'a', 'b', 'c'.",
            ],
            exception.Violations);
    }

    [Theory]
    [InlineData(new long[] { 2, 3 }, new long[] { 2, 3 }, true)]
    [InlineData(new long[] { 2, 3 }, new long[] { 3, 2 }, false)]
    [InlineData(new long[] { 2, 3 }, new long[] { 6 }, false)]
    [InlineData(new long[] { -1, -1 }, new long[] { 6 }, false)]
    [InlineData(new long[] { -1, -1 }, new long[] { 0, 6 }, true)]
    [InlineData(new long[] { 1 }, new long[] { 1, 1 }, true)]
    [InlineData(new long[] { 1 }, new long[] { 2, 1 }, false)]
    [InlineData(new long[] { -1, 3 }, new long[] { 3 }, false)]
    [InlineData(new long[0], new long[0], true)]
    public void Normalize_Shapes_AreComparedDimensionByDimension(long[] declared, long[] shape, bool fits)
    {
        var signature = new Signature([new TensorSpec("a", Datatype.Fp32, declared)], []);
        Exception? exception = Record.Exception(() => TensorValidation.Normalize(signature, [Zeros("a", Datatype.Fp32, shape)]));

        Assert.Equal(fits, exception is null);
    }

    private static Tensor Zeros(string name, Datatype datatype, params long[] shape) =>
        Tensor.OfBytes(name, datatype, shape, new byte[Tensor.CountOf(shape) * datatype.ElementBytes()]);
}
