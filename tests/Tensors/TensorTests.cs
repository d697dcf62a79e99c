using Modeldrop.Tensors;

namespace Modeldrop.Tests.Tensors;

public sealed class TensorTests
{
    [Fact]
    public void WithShape_SameCount_SharesTheElements()
    {
        Tensor tensor = Tensor.OfBytes("x", Datatype.Int16, [2], new byte[] { 1, 0, 2, 0 });

        Tensor column = tensor.WithShape([2, 1]);

        Assert.Equal([2, 1], column.Shape);
        Assert.True(tensor.Data.Equals(column.Data));
        Assert.Throws<ArgumentException>(() => tensor.WithShape([3]));
    }

    [Theory]
    [InlineData(new long[0], 1)]
    [InlineData(new long[] { 0, 5 }, 0)]
    [InlineData(new long[] { 2, 3 }, 6)]
    public void CountOf_Shape_IsTheProduct(long[] shape, long count) => Assert.Equal(count, Tensor.CountOf(shape));

    [Fact]
    public void Of_WrongNumberOfElements_Throws()
    {
        Assert.Throws<ArgumentException>(() => Tensor.OfBytes("x", Datatype.Int16, [2], new byte[3]));
        Assert.Throws<ArgumentException>(() => Tensor.OfStrings("x", [2], ["a"]));
        Assert.Throws<OverflowException>(() => Tensor.CountOf([long.MaxValue, 2]));
    }

    [Fact]
    public void ProtocolName_EveryDatatype_RoundTrips()
    {
        foreach (Datatype datatype in Enum.GetValues<Datatype>())
        {
            Assert.Equal(datatype, Datatypes.Find(datatype.ProtocolName()));
        }

        Assert.Null(Datatypes.Find("fp32"));
    }
}
