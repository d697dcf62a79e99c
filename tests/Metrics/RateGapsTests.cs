using Modeldrop.Metrics;

namespace Modeldrop.Tests.Metrics;

public sealed class RateGapsTests
{
    /// <summary>scipy 1.10.1: beta.ppf at 0.05 / 18 for three rates of three groups and at 0.05 / 18 for three pairs.</summary>
    [Fact]
    public void Of_Vector_EqualsScipy()
    {
        RateGap gap = RateGaps.Of(
            [new GroupCount("a", 30, 200), new GroupCount("b", 9, 150), new GroupCount("c", 44, 180), new GroupCount("few", 9, 9)], 3)!;

        Assert.Equal(["a", "b", "c"], gap.Rates.Select(rate => rate.Group));
        Assert.Equal(("c", "b"), (gap.Highest, gap.Lowest));
        (double, double, double)[] expected =
        [
            (0.15, 0.08782137331007067, 0.23192071326887545),
            (0.06, 0.019384881355619114, 0.1344250672782951),
            (0.24444444444444444, 0.16176060178699203, 0.34304403316744375),
        ];
        foreach ((GroupRate rate, (double value, double low, double high)) in gap.Rates.Zip(expected))
        {
            Assert.Equal(value, rate.Value, 1e-9);
            Assert.Equal(low, rate.Low, 1e-9);
            Assert.Equal(high, rate.High, 1e-9);
        }

        Assert.Equal(0.18444444444444444, gap.Gap, 1e-9);
        Assert.Equal(0.07319828282085808, gap.Low, 1e-9);
        Assert.Equal(0.2910815241064539, gap.High, 1e-9);
    }

    [Fact]
    public void Of_FewerThanTwoGroups_IsNull() => Assert.Null(RateGaps.Of([new GroupCount("a", 1, 100), new GroupCount("b", 1, 9)], 3));
}
