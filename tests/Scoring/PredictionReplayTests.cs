using Modeldrop.Scoring;
using Modeldrop.Tensors;
using Modeldrop.Tests.Predictions;

namespace Modeldrop.Tests.Scoring;

public sealed class PredictionReplayTests
{
    [Theory]
    [InlineData(new float[] { 1, 2, float.NaN }, new float[] { 1, 2, float.NaN }, 0L, 0L)]
    [InlineData(new float[] { 1, 2 }, new float[] { 1.0000001f, 2 }, 1L, 1L)]
    [InlineData(new float[] { 0 }, new float[] { -0f }, 1L, 0L)]
    [InlineData(new float[] { float.Epsilon }, new float[] { -float.Epsilon }, 1L, 2L)]
    [InlineData(new float[] { 1, 2 }, new float[] { float.NaN, 2 }, 1L, null)]
    [InlineData(new float[] { 1 }, new float[] { 1, 2 }, 1L, null)]
    public void Compare_Floats_CountsBitsAndUlps(float[] logged, float[] now, long different, long? ulp)
    {
        OutputDifference difference = PredictionReplay.Compare(
            LogWorld.Floats("y", [logged.Length], logged), LogWorld.Floats("y", [now.Length], now));

        Assert.Equal((different, ulp), (difference.Different, difference.MaxUlp));
    }

    [Fact]
    public void Compare_Doubles_CountsUlpsAcrossTheWholeRange()
    {
        Assert.Equal(1, Doubles(1.0, Math.BitIncrement(1.0)).MaxUlp);
        Assert.Equal(long.MaxValue, Doubles(double.MinValue, double.MaxValue).MaxUlp);
        Assert.Null(Doubles(double.MinValue, double.PositiveInfinity).MaxAbsolute);

        static OutputDifference Doubles(double one, double other) => PredictionReplay.Compare(
            LogWorld.Numbers("y", Datatype.Fp64, [1], new[] { one }), LogWorld.Numbers("y", Datatype.Fp64, [1], new[] { other }));
    }

    [Fact]
    public void Compare_OtherTypes_CountsElements()
    {
        Assert.Equal(1, PredictionReplay.Compare(Tensor.OfStrings("y", [2], ["a", "b"]), Tensor.OfStrings("y", [2], ["a", "c"])).Different);
        Assert.Equal(
            1,
            PredictionReplay.Compare(
                LogWorld.Numbers("y", Datatype.Int64, [2], new long[] { 1, 2 }),
                LogWorld.Numbers("y", Datatype.Int64, [2], new long[] { 1, 3 })).Different);
        Assert.Equal(2, PredictionReplay.Compare(LogWorld.Floats("y", [2], 1, 2), null).Different);
    }
}
