using Modeldrop.Monitoring.Statistics;

namespace Modeldrop.Tests.Monitoring.Statistics;

public sealed class SequentialTestTests
{
    private const double Alpha = 0.05;

    public static TheoryData<long[], long[], bool, double, double> Vectors => new()
    {
        { [.. Enumerable.Repeat(200L, 10)], [30, 25, 20, 20, 18, 17, 15, 12, 10, 8], true, 0.005, 2.654910093823844 },
        { [500, 300, 200], [10, 30, 60], false, 0.005, 33.93800552597749 },
        { [.. Enumerable.Repeat(200L, 10)], [.. Enumerable.Repeat(20L, 10)], true, 0.01, -1.9567759185295017 },
    };

    /// <summary>scipy 1.10: gammaln, and the maximum likelihood by SLSQP under the constraint, which has no closed form.</summary>
    [Theory]
    [MemberData(nameof(Vectors))]
    public void LogEvidence_Vector_EqualsScipy(long[] reference, long[] current, bool isOrdered, double outside, double expected) =>
        Assert.Equal(expected, new SequentialTest(reference, isOrdered, outside).LogEvidence(current), 1e-5);

    [Fact]
    public void LogEvidence_WithoutDrift_AlarmsAtMostAtTheStatedRateOverAllLooks()
    {
        // Stated: at most α = 5 % of streams, half of it reserved for the reference. 15 of 300 are expected at exactly α.
        Assert.InRange(Alarms(streams: 300, shift: 0).Share, 0, 0.05);
    }

    [Theory]
    [InlineData(0.5, 250)]
    [InlineData(0.25, 1200)]
    public void LogEvidence_Shift_IsDetectedInEveryStream(double shift, double meanRows)
    {
        (double share, double rows) = Alarms(streams: 60, shift);
        Assert.Equal(1, share);
        Assert.InRange(rows, 1, meanRows);
    }

    [Fact]
    public void LogEvidence_BeyondTheReference_IsEvidence()
    {
        Assert.Equal(0, new SequentialTest([0, 500, 500, 0], true, 0.01).LogEvidence([0, 0, 0, 0]));
        Assert.True(new SequentialTest([0, 500, 500, 0], true, 0.01).LogEvidence([0, 0, 0, 30]) > 20);
    }

    [Fact]
    public void EBenjaminiHochberg_SelectsTheLargestSetThatQualifies()
    {
        // K = 4, α = 0.1: one alone needs 40, two 20, three 13.3, four 10.
        Assert.Equal([true, false, false, false], Select(41, 19, 1, 1));
        Assert.Equal([false, false, false, false], Select(39, 19, 1, 1));
        Assert.Equal([true, true, false, false], Select(39, 20.1, 13, 1));
        Assert.Equal([true, true, true, true], Select(10.1, 10.1, 10.1, 10.1));
        Assert.Empty(EBenjaminiHochberg.Select([], 0.1));

        static bool[] Select(params double[] evidence) => EBenjaminiHochberg.Select([.. evidence.Select(value => Math.Log(value))], 0.1);
    }

    private static (double Share, double MeanRows) Alarms(int streams, double shift)
    {
        var test = new SequentialTest(NormalStreams.Reference, true, Alpha / 2);
        return NormalStreams.Alarms(20261128, streams, shift, counts => test.LogEvidence(counts) >= Math.Log(2 / Alpha));
    }
}
