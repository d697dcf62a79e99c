using Modeldrop.Metrics;

namespace Modeldrop.Tests.Metrics;

public sealed class ScoreRangeTests
{
    /// <summary>scipy 1.10.1: betabinom.sf(outside − 1, values, 2, sample − 1).</summary>
    [Theory]
    [InlineData(1, 100, 150, 0.6409638554216537)]
    [InlineData(5, 100, 150, 0.039114531881191295)]
    [InlineData(30, 1000, 150, 0.07152847835237652)]
    [InlineData(3, 1000, 8000, 0.005017530448074181)]
    [InlineData(60, 1000, 150, 0.0016613015004031118)]
    public void Tail_Vector_EqualsScipy(int outside, int values, int sample, double expected) =>
        Assert.Equal(expected, ScoreRange.Tail(outside, values, sample), 1e-9);

    [Fact]
    public void Tail_NoneOrAllOutside_IsOneOrAboutZero()
    {
        Assert.Equal(1, ScoreRange.Tail(0, 100, 150));
        Assert.Equal(1, ScoreRange.Tail(10, 100, 1));
        Assert.InRange(ScoreRange.Tail(100, 100, 150), 0, 1e-20);
    }
}
