using Modeldrop.Metrics.Estimation;

namespace Modeldrop.Tests.Metrics.Estimation;

/// <summary>Level: numpy's convolution of scipy's hypergeom.pmf; shape, difference and unevenness: their formulas in numpy 1.24.</summary>
public sealed class StratifiedSharesTests
{
    public static TheoryData<int[], double, double, double, double, double> Vectors => new()
    {
        // With one stratum, twice the smaller tail of fisher_exact.
        { [3, 40, 11, 60], 0.21279578481500236, 1, 0.10833333333333332, 0.08197221751571956, 0.075 },
        { [4, 50, 9, 40, 10, 60, 22, 70, 30, 55, 41, 60], 0.003629605925220503, 0.7135445357002577, 0.14356506238859185,
            0.11853571475293764, 0.2799643493761141 },
        { [5, 100, 60, 100, 50, 100, 50, 100, 95, 100, 40, 100], 1, 1.6102882313908374e-30, 0, 0.4439313009914934, 0.5 },
        { [0, 150, 2, 300, 1, 100, 6, 200], 0.28140405494517207, 1, 0.012, 0.004835823113512853, 0.004 },
        // Too many counts for the exact method: the normal approximation.
        { [4000, 20000, 4300, 20000], 0.00021650280367177993, 1, 0.015, 0.014441455085966925, 0.2 },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Compare_Vector_EqualsScipy(int[] cells, double level, double shape, double difference, double unevenness, double expected)
    {
        StratifiedChange change = StratifiedShares.Compare(cells.Chunk(4).Select(one =>
            new SharesOfStratum(one[0], one[1], one[2], one[3])))!;

        Assert.Equal(level, change.Level, 1e-9);
        Assert.Equal(shape, change.Shape, 1e-9);
        Assert.Equal(difference, change.Difference, 1e-9);
        Assert.Equal(unevenness, change.Unevenness, 1e-9);
        Assert.Equal(expected, change.Expected, 1e-9);
    }

    [Fact]
    public void Compare_NoSharedStratum_IsNull() =>
        Assert.Null(StratifiedShares.Compare([new SharesOfStratum(1, 10, 0, 0), new SharesOfStratum(0, 0, 1, 5)]));

    /// <summary>A different mix of strata is not a change within them.</summary>
    [Fact]
    public void Compare_OnlyTheMixDiffers_IsNoEvidence()
    {
        StratifiedChange change = StratifiedShares.Compare(
            [new SharesOfStratum(50, 1_000, 5, 100), new SharesOfStratum(250, 500, 2_000, 4_000)])!;

        Assert.True(change.PValue > 0.5);
        Assert.Equal(0, change.Effect, 1e-12);
    }
}
