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

    /// <summary>Streams of 5,000 normal values, checked after every 50, with a reference of 10,000.</summary>
    private static (double Share, double MeanRows) Alarms(int streams, double shift)
    {
        var random = new Random(20261130);
        int alarms = 0;
        long rows = 0;
        for (int stream = 0; stream < streams; stream++)
        {
            double[] sample = [.. Enumerable.Range(0, 10_000).Select(_ => Gauss(random))];
            Array.Sort(sample);
            double[] edges = [.. Enumerable.Range(1, 9).Select(tenth => sample[tenth * 1000])];
            var bet = new ShiftBet([.. Enumerable.Repeat(1000.0, 10)], Alpha / 2);
            double[] current = new double[10];
            for (int row = 1; row <= 5000; row++)
            {
                double value = Gauss(random) + shift;
                current[edges.Count(edge => edge <= value)]++;
                if (row % 50 == 0 && bet.LogEvidence(current) >= Math.Log(2 / Alpha))
                {
                    alarms++;
                    rows += row;
                    break;
                }
            }
        }

        return ((double)alarms / streams, (double)rows / Math.Max(1, alarms));
    }

    private static double Gauss(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
