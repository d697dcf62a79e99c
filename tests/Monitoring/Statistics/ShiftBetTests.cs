using Modeldrop.Monitoring.Statistics;

namespace Modeldrop.Tests.Monitoring.Statistics;

public sealed class ShiftBetTests
{
    private const double Alpha = 0.05;

    public static TheoryData<double[], double[], double, double> Vectors => new()
    {
        { [.. Enumerable.Repeat(200.0, 10)], [30, 25, 20, 20, 18, 17, 15, 12, 10, 8], 0.0025, 5.316239198597604 },
        { [.. Enumerable.Repeat(1000.0, 10)], [.. Enumerable.Repeat(100.0, 10)], 0.005, -3.7997678513556394 },
        { [20_000, 100, 40, 10, 0], [900, 40, 30, 20, 10], 0.0025, 67.20316499547961 },
        { [.. Enumerable.Repeat(1000.0, 10)], [880, 910, 940, 960, 990, 1010, 1040, 1060, 1090, 1120], 0.0025, 7.559847012963276 },
    };

    /// <summary>scipy 1.10: norm.ppf, norm.isf and logsumexp.</summary>
    [Theory]
    [MemberData(nameof(Vectors))]
    public void LogEvidence_Vector_EqualsScipy(double[] reference, double[] current, double outside, double expected) =>
        Assert.Equal(expected, new ShiftBet(reference, outside).LogEvidence(current), 1e-9);

    [Fact]
    public void LogEvidence_WithoutDrift_AlarmsAtMostAtTheStatedRateOverAllLooks()
    {
        // Stated: at most α = 5 % of streams, half of it reserved for the reference. 15 of 300 are expected at exactly α.
        Assert.InRange(Alarms(streams: 300, shift: 0).Share, 0, 0.05);
    }

    /// <summary>A tenth of a standard deviation, which the test of all bins does not detect in 5,000 rows.</summary>
    [Fact]
    public void LogEvidence_SmallShift_IsDetectedInEveryStream()
    {
        (double share, double rows) = Alarms(streams: 60, shift: 0.1);
        Assert.InRange(share, 0.9, 1);
        Assert.InRange(rows, 500, 3000);
    }

    [Fact]
    public void LogEvidence_OneBinOrNoValues_IsNoEvidence()
    {
        Assert.Equal(0, new ShiftBet([500], 0.01).LogEvidence([300]), 1e-9);
        Assert.Equal(0, new ShiftBet([500, 500], 0.01).LogEvidence([0, 0]), 1e-9);
    }

    private static (double Share, double MeanRows) Alarms(int streams, double shift)
    {
        var bet = new ShiftBet(NormalStreams.Reference, Alpha / 2);
        return NormalStreams.Alarms(20261130, streams, shift, counts => bet.LogEvidence(counts) >= Math.Log(2 / Alpha));
    }
}
