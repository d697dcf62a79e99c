using Modeldrop.Metrics;

namespace Modeldrop.Tests.Metrics;

public sealed class MetricEvidenceTests
{
    // scipy 1.10: the roots of (x - area)² = z² V(x) by brentq, with Newcombe's V.
    [Theory]
    [InlineData(0.8, 30, 70, 0.025, 0.6866591833011748, 0.8762190433582606)]
    [InlineData(0.995, 500, 500, 0.025, 0.9882599540756115, 0.9978669001633357)]
    [InlineData(1.0, 10, 10, 0.025, 0.8002136128811059, 1.0)]
    [InlineData(0.5, 12, 300, 0.001, 0.2715807919336198, 0.7284192080663802)]
    public void Interval_OfAnArea_FollowsNewcombe(double area, int positives, int negatives, double tail, double low, double high)
    {
        MetricInterval interval = new MetricEvidence(EvidenceKind.Area, area, positives, negatives).Interval(tail);

        Assert.Equal(low, interval.Low, 1e-9);
        Assert.Equal(high, interval.High, 1e-9);
    }

    // scipy 1.10: 2 x / (1 + x) of beta.ppf.
    [Theory]
    [InlineData(30, 50, 0.025, 0.6223941132371994, 0.8478742390507212)]
    [InlineData(0, 12, 0.025, 0.0, 0.41853285842069315)]
    [InlineData(47, 50, 0.001, 0.8660187730994511, 0.9980555014569521)]
    public void Interval_OfF1_FollowsFromTheOverlap(int hits, int rows, double tail, double low, double high)
    {
        MetricInterval interval = MetricEvidence.Overlap(hits, rows)!.Interval(tail);

        Assert.Equal(low, interval.Low, 1e-9);
        Assert.Equal(high, interval.High, 1e-9);
    }

    // scipy 1.10: t.ppf(0.975, 7) standard errors.
    [Fact]
    public void Interval_OfAMean_FollowsStudentsT()
    {
        double[] values = [0.1, 0.4, 0.2, 0.9, 1.7, 0.3, 0.3, 0.6];

        MetricInterval mean = MetricEvidence.Mean(values)!.Interval(0.025);
        MetricInterval root = MetricEvidence.RootMean(values)!.Interval(0.025);

        Assert.Equal((0.12479921833264068, 1.0002007816673593), (mean.Low, mean.High), Within);
        Assert.Equal((0.3532693283213824, 1.0001003857950257), (root.Low, root.High), Within);
    }

    /// <summary>At most one in twenty intervals misses a known truth, even with few rows and near 1.</summary>
    [Theory]
    [InlineData(20)]
    [InlineData(100)]
    [InlineData(1_000)]
    public void Interval_FewRowsOrNearOne_CoversTheTruth(int rows)
    {
        var random = new Random(20260131 + rows);
        foreach (double truth in (double[])[0.5, 0.7, 0.9, 0.96, 0.995])
        {
            const int Runs = 400;
            int shares = 0;
            int areas = 0;
            for (int run = 0; run < Runs; run++)
            {
                bool[] isCase = [.. Enumerable.Range(0, rows).Select(_ => random.NextDouble() < truth)];
                shares += Covers(MetricEvidence.Share(isCase.Count(one => one), rows)!, truth);

                // Normal scores whose distance makes the area equal to the truth.
                double apart = Math.Sqrt(2) * MathNet.Numerics.Distributions.Normal.InvCDF(0, 1, truth);
                bool[] isPositive = [.. Enumerable.Range(0, rows).Select(row => row % 2 == 0)];
                double[] scores = [.. isPositive.Select(yes => MathNet.Numerics.Distributions.Normal.Sample(random, yes ? apart : 0, 1))];
                areas += Covers(MetricEvidence.Area(ClassificationMetrics.RocAuc(isPositive, scores), isPositive)!, truth);
            }

            Assert.True(shares >= 0.93 * Runs, $"Shares of {truth}: {shares} of {Runs} intervals.");
            Assert.True(areas >= 0.93 * Runs, $"Areas of {truth}: {areas} of {Runs} intervals.");
        }
    }

    [Fact]
    public void IsEnough_Rows_NeedsSomeOfEachKind()
    {
        Assert.False(MetricEvidence.Share(3, 9)!.IsEnough);
        Assert.True(MetricEvidence.Share(3, 10)!.IsEnough);
        Assert.False(new MetricEvidence(EvidenceKind.Area, 0.9, 9, 1_000).IsEnough);
        Assert.True(new MetricEvidence(EvidenceKind.Area, 0.9, 10, 1_000).IsEnough);
        Assert.False(MetricEvidence.Mean([.. Enumerable.Range(0, 29).Select(row => (double)row)])!.IsEnough);
    }

    [Fact]
    public void Of_NoRows_IsNull()
    {
        Assert.Null(MetricEvidence.Share(0, 0));
        Assert.Null(MetricEvidence.Overlap(0, 0));
        Assert.Null(MetricEvidence.Mean([1.0]));
        Assert.Null(MetricEvidence.Mean([1.0, double.NaN]));
        Assert.Null(MetricEvidence.Area(null, [true]));
    }

    /// <summary>The figure of the other rows follows from that of all rows and that of some rows.</summary>
    [Fact]
    public void Without_SomeRows_IsTheEvidenceOfTheRemainingRows()
    {
        double[] values = [0.3, 1.2, 0.7, 0.1, 2.5, 0.9, 1.1];
        MetricEvidence mean = MetricEvidence.Mean(values)!.Without(MetricEvidence.Mean(values[..3])!)!;
        MetricEvidence root = MetricEvidence.RootMean(values)!.Without(MetricEvidence.RootMean(values[..3])!)!;

        Assert.Equal(MetricEvidence.Mean(values[3..])!.Value, mean.Value, 1e-12);
        Assert.Equal(MetricEvidence.Mean(values[3..])!.A, mean.A, 1e-12);
        Assert.Equal(MetricEvidence.RootMean(values[3..])!.Value, root.Value, 1e-12);
        Assert.Equal(4, root.B);
        Assert.Equal(MetricEvidence.Share(4, 7), MetricEvidence.Share(9, 17)!.Without(MetricEvidence.Share(5, 10)!));
        Assert.Equal(MetricEvidence.Overlap(4, 7), MetricEvidence.Overlap(9, 17)!.Without(MetricEvidence.Overlap(5, 10)!));
        Assert.Null(MetricEvidence.Share(4, 7)!.Without(MetricEvidence.Share(4, 7)!));
        Assert.Null(new MetricEvidence(EvidenceKind.Area, 0.8, 10, 90).Without(new MetricEvidence(EvidenceKind.Area, 0.8, 5, 40)));
    }

    private static readonly Func<(double, double), (double, double), bool> Within =
        (one, other) => Math.Abs(one.Item1 - other.Item1) < 1e-9 && Math.Abs(one.Item2 - other.Item2) < 1e-9;

    private static int Covers(MetricEvidence evidence, double truth)
    {
        MetricInterval interval = evidence.Interval(0.025);
        return interval.Low <= truth && truth <= interval.High ? 1 : 0;
    }
}
