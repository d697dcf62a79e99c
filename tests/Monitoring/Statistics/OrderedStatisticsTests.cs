using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Modeldrop.Monitoring.Statistics;

namespace Modeldrop.Tests.Monitoring.Statistics;

/// <summary>
/// Vectors from numpy 1.24 and scipy 1.10: ks_2samp and wasserstein_distance on the bins' positions, kstwobign.sf, the parts of chi-squared
/// by a QR decomposition of the mid-ranks' powers, ncx2.sf solved by brentq.
/// </summary>
public sealed class OrderedStatisticsTests
{
    private static readonly long[] Even = [.. Enumerable.Repeat(2000L, 10)];
    private static readonly long[] Few = [15, 22, 9, 11, 8, 10, 7, 6, 5, 7];

    public static TheoryData<long[], long[], double, double, double, double> Distances => new()
    {
        { [120, 340, 290, 250], [95, 310, 330, 265], 0.055000000000000035, 0.055, 0.09710452351653823, 0.05500000000000001 },
        { [0, 1000, 1000, 1000, 1000, 1000, 0], [12, 80, 95, 120, 150, 230, 60], 0.20508701472556895, 0.1890227576974565, 1.3541907332526942e-20, 0.6995983935742972 },
        { [500, 300, 200], [50, 30, 20], 0, 0, 1, 0 },
        { [10, 0], [0, 10], 1, 1, 9.079985952496105e-05, 0.4 },
        { Even, Few, 0.18, 0.16999999999999998, 0.006357648945328687, 1.2060000000000002 },
    };

    public static TheoryData<long[], long[], double, double[], double> Parts => new()
    {
        { [120, 340, 290, 250], [95, 310, 330, 265], 7.309130493975249, [0.028275235036485036, 0.1541068317675656, 0.49446216090917783], 0.08244984409736908 },
        { Even, Few, 23.20482633524239, [0.00017633271541560237, 0.2203441601492345, 0.3658899939236395], 0.0005289048720499826 },
        { [500, 300, 200], [40, 40, 20], 4.793028322440085, [0.15045130304332938, 0.0987659026383169], 0.18777710175267232 },
        { [100, 100, 100, 100, 100, 100, 100, 100], [20, 15, 10, 8, 8, 10, 15, 24], 15.039442246426178, [0.584886095321402, 0.00013678006572016323, 0.999166121717564], 0.0004102840733603434 },
    };

    [Theory]
    [MemberData(nameof(Distances))]
    public void Distances_Vector_EqualScipy(
        long[] reference, long[] current, double variation, double distance, double chance, double transport)
    {
        // Bins of growing width: 0 to 1, to 2, to 4, to 6, to 9…
        double[] middles = new double[reference.Length];
        for (int bin = 0; bin < middles.Length; bin++)
        {
            middles[bin] = (bin == 0 ? 0 : middles[bin - 1]) + ((bin + 1) / 2.0);
        }

        Assert.Equal(variation, TotalVariation.Distance(reference, current), 1e-12);
        Assert.Equal(distance, KolmogorovSmirnov.Distance(reference, current), 1e-12);
        Assert.Equal(chance, KolmogorovSmirnov.PValue(distance, reference.Sum(), current.Sum()), chance * 1e-9);
        Assert.Equal(transport, Wasserstein.Distance(reference, current, middles, 2.5), 1e-12);
    }

    [Theory]
    [MemberData(nameof(Parts))]
    public void OrderedChiSquared_Vector_EqualsScipy(long[] reference, long[] current, double statistic, double[] parts, double together)
    {
        ChiSquaredResult result = OrderedChiSquared.Test(reference, current);

        Assert.Equal(statistic, result.Statistic, statistic * 1e-9);
        Assert.Equal(parts[0], result.Location!.Value, parts[0] * 1e-9);
        Assert.Equal(parts[1], result.Spread!.Value, parts[1] * 1e-9);
        Assert.Equal(parts.Length > 2, result.Rest is not null);
        Assert.Equal(parts.Length > 2 ? parts[2] : 1, result.Rest ?? 1, 1e-9);
        Assert.Equal(together, result.PValue, together * 1e-9);
    }

    [Fact]
    public void OrderedChiSquared_SmallBins_AreJoinedWithTheirNeighbours()
    {
        ChiSquaredResult result = OrderedChiSquared.Test([1000, 2, 1, 1000, 1], [50, 0, 1, 49, 0]);

        // 1000 + 50, then 2 + 1 + 1000 and their 50, together with the last one.
        Assert.Equal(1, result.DegreesOfFreedom);
        Assert.Equal(1, OrderedChiSquared.Test([500, 0], [40, 0]).PValue);
    }

    [Theory]
    [InlineData(1, 0.05, 10.507419409690764)]
    [InlineData(9, 0.01, 26.122679012923797)]
    [InlineData(11, 0.001, 36.07786360355556)]
    public void Noncentrality_Vector_EqualsScipy(int degrees, double significance, double expected) =>
        Assert.Equal(expected, DetectableShift.Noncentrality(degrees, significance), 1e-8);

    [Fact]
    public void KolmogorovSmirnov_NoiseLimit_HasTheStatedPValue()
    {
        double limit = KolmogorovSmirnov.NoiseLimit(0.01, 5000, 400);
        Assert.Equal(0.01, KolmogorovSmirnov.PValue(limit, 5000, 400), 1e-8);
    }

    [Property]
    public Property Distances_AnyCounts_AreBoundedAndSymmetric_AndZeroForEqualShares() => Prop.ForAll(Pairs().ToArbitrary(), pair =>
    {
        (long[] left, long[] right) = pair;
        double[] middles = [.. left.Select((_, bin) => (double)bin)];
        long[] tenfold = [.. left.Select(count => count * 10)];
        return TotalVariation.Distance(left, right) is >= 0 and <= 1
            && KolmogorovSmirnov.Distance(left, right) <= TotalVariation.Distance(left, right) + 1e-12
            && Math.Abs(TotalVariation.Distance(left, right) - TotalVariation.Distance(right, left)) < 1e-12
            && Math.Abs(KolmogorovSmirnov.Distance(left, right) - KolmogorovSmirnov.Distance(right, left)) < 1e-12
            && Math.Abs(Wasserstein.Distance(left, right, middles, 1) - Wasserstein.Distance(right, left, middles, 1)) < 1e-9
            && Math.Abs(OrderedChiSquared.Test(left, right).PValue - OrderedChiSquared.Test(right, left).PValue) < 1e-9
            && TotalVariation.Distance(left, tenfold) < 1e-12
            && KolmogorovSmirnov.Distance(left, tenfold) < 1e-12
            && Wasserstein.Distance(left, tenfold, middles, 1) < 1e-9
            && OrderedChiSquared.Test(left, tenfold).PValue > 1 - 1e-9;
    });

    private static Gen<(long[] Left, long[] Right)> Pairs() =>
        from bins in Gen.Choose(2, 30)
        from left in Gen.Choose(0, 1000).ArrayOf(bins)
        from right in Gen.Choose(0, 1000).ArrayOf(bins)
        select (WithOne(left), WithOne(right));

    private static long[] WithOne(int[] counts) => [.. counts.Select((count, bin) => bin == 0 ? count + 1L : count)];
}
