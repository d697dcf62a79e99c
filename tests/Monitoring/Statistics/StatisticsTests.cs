using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Modeldrop.Monitoring.Statistics;

namespace Modeldrop.Tests.Monitoring.Statistics;

/// <summary>
/// Vectors from numpy 1.24 and scipy 1.10: jensenshannon(base=2), chi2_contingency(correction=False); PSI by its formula in numpy.
/// </summary>
public sealed class StatisticsTests
{
    private static readonly long[] Even = [.. Enumerable.Repeat(2000L, 10)];
    private static readonly long[] Few = [15, 22, 9, 11, 8, 10, 7, 6, 5, 7];

    public static TheoryData<long[], long[], double, double> Distances => new()
    {
        { [120, 340, 290, 250], [95, 310, 330, 265], 0.014654073764527974, 0.051375418822010806 },
        { [0, 1000, 1000, 1000, 1000, 1000, 0], [12, 80, 95, 120, 150, 230, 60], 0.7638356636248979, 0.2725248325421694 },
        { [500, 300, 200], [50, 30, 20], 0, 0 },
        { [10, 0], [0, 10], 18.418838675877968, 1 },
        { Even, Few, 0.19784859724498716, 0.18719510341914747 },
    };

    public static TheoryData<long[], long[], double, int, double> Tests => new()
    {
        { [120, 340, 290, 250], [95, 310, 330, 265], 7.309130493975249, 3, 0.06267094540085776 },
        { [500, 300, 200], [50, 30, 20], 0, 2, 1 },
        { [10, 0], [0, 10], 20, 1, 7.744216431044088e-06 },
        { Even, Few, 23.20482633524239, 9, 0.0057523314505309705 },
        // Rare bins are joined: [0 + 0, …] and [12 + 60, …]; [18 + 2000, …] and [5 + 20, …].
        { [0, 1000, 1000, 1000, 1000, 1000, 0], [12, 80, 95, 120, 150, 230, 60], 570.3872891844173, 5, 5.05044497723303e-121 },
        { [4000, 3000, 2000, 10, 6, 2, 0], [40, 35, 20, 1, 2, 1, 1], 0.8163437494216492, 2, 0.6648645955913799 },
    };

    [Theory]
    [MemberData(nameof(Distances))]
    public void Distances_Vector_EqualNumpyAndScipy(long[] reference, long[] current, double psi, double jensenShannon)
    {
        Assert.Equal(psi, PopulationStabilityIndex.Of(reference, current), 1e-9);
        Assert.Equal(jensenShannon, JensenShannon.Distance(reference, current), 1e-9);
    }

    [Theory]
    [MemberData(nameof(Tests))]
    public void ChiSquared_Vector_EqualsScipy(long[] reference, long[] current, double statistic, int degrees, double pValue)
    {
        ChiSquaredResult result = ChiSquared.Test(reference, current);
        Assert.Equal(statistic, result.Statistic, statistic * 1e-9);
        Assert.Equal(degrees, result.DegreesOfFreedom);
        Assert.Equal(pValue, result.PValue, pValue * 1e-9);
    }

    [Fact]
    public void ChiSquared_OneCell_GivesNoEvidence() =>
        Assert.Equal(new ChiSquaredResult(0, 0, 1), ChiSquared.Test([500, 0, 0], [40, 0, 0]));

    [Fact]
    public void BenjaminiHochberg_ExampleOfThePaper_RejectsTheFirstFour()
    {
        // Benjamini and Hochberg (1995), section 4.1; adjusted values by numpy.
        double[] adjusted = BenjaminiHochberg.Adjust(
            [0.0201, 0.0001, 0.0004, 0.0019, 0.0095, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.000]);
        double[] expected =
        [
            0.0603, 0.0015, 0.003, 0.0095, 0.035625, 0.06385714285714286, 0.06385714285714286, 0.0645, 0.0765,
            0.48600000000000004, 0.5811818181818182, 0.714875, 0.7532307692307694, 0.8132142857142857, 1.0,
        ];
        Assert.All(expected.Zip(adjusted), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
        Assert.Equal(4, adjusted.Count(value => value <= 0.05));
        Assert.Empty(BenjaminiHochberg.Adjust([]));
    }

    [Property]
    public Property Distances_AnyCounts_AreSymmetricAndBounded() => Prop.ForAll(CountPairs().ToArbitrary(), pair =>
    {
        (long[] left, long[] right) = pair;
        double psi = PopulationStabilityIndex.Of(left, right);
        double distance = JensenShannon.Distance(left, right);
        return psi >= 0
            && Math.Abs(psi - PopulationStabilityIndex.Of(right, left)) < 1e-12
            && distance is >= 0 and <= 1
            && Math.Abs(distance - JensenShannon.Distance(right, left)) < 1e-12
            && ChiSquared.Test(left, right).PValue is >= 0 and <= 1
            && Math.Abs(ChiSquared.Test(left, right).PValue - ChiSquared.Test(right, left).PValue) < 1e-12;
    });

    [Property]
    public Property Distances_OfTheSameShares_AreZero() => Prop.ForAll(CountPairs().ToArbitrary(), pair =>
    {
        long[] tenfold = [.. pair.Left.Select(count => count * 10)];
        return PopulationStabilityIndex.Of(pair.Left, tenfold) < 1e-12
            && JensenShannon.Distance(pair.Left, tenfold) < 1e-7
            && ChiSquared.Test(pair.Left, tenfold).PValue > 1 - 1e-9;
    });

    /// <summary>Two samples over the same bins, neither empty.</summary>
    private static Gen<(long[] Left, long[] Right)> CountPairs() =>
        from bins in Gen.Choose(2, 30)
        from left in Gen.Choose(0, 1000).ArrayOf(bins)
        from right in Gen.Choose(0, 1000).ArrayOf(bins)
        select (WithOne(left), WithOne(right));

    private static long[] WithOne(int[] counts) => [.. counts.Select((count, bin) => bin == 0 ? count + 1L : count)];
}
