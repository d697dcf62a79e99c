using Modeldrop.Monitoring.Watch;

namespace Modeldrop.Tests.Monitoring.Watch;

/// <summary>The weekly pattern of a feature, and values outside it.</summary>
public sealed class SeasonTests
{
    /// <summary>scipy 1.10: gammaln; brentq for the caps and for the highest likelihood under them.</summary>
    [Theory]
    [InlineData(new double[] { 100, 200, 300, 0 }, 0.5, 0.01, 225.39519984328706)]
    [InlineData(new double[] { 0, 10, 0, 60 }, 0.05, 0.005, 69.34007020860363)]
    public void Bound_Vector_EqualsScipy(double[] current, double share, double outside, double expected) =>
        Assert.Equal(expected, SeasonBound.LogEvidence(current, [1000, 900, 95, 5], share, outside), 1e-9);

    [Fact]
    public void Bound_UpperBound_EqualsScipy()
    {
        // scipy.optimize.brentq of the Chernoff bound.
        Assert.Equal(0.06499404588833571, SeasonBound.UpperBound(0.05, 0.002), 1e-9);
        Assert.Equal(0.003992010656008506, SeasonBound.UpperBound(0, 0.004), 1e-9);
    }

    [Fact]
    public void Bound_NightWithAReferenceThatHasNights_IsNoEvidence()
    {
        // A seventh of the reference is in one bin. A fourteenth of the week may be in this bin alone; half of the week may not.
        double[] reference = [.. Enumerable.Repeat(1000.0, 7)];
        Assert.Equal(0, SeasonBound.LogEvidence([2400, 0, 0, 0, 0, 0, 0], reference, 1 / 14.0, 0.005));
        Assert.True(SeasonBound.LogEvidence([2400, 0, 0, 0, 0, 0, 0], reference, 1 / 2.0, 0.005) > 100);
    }

    /// <summary>numpy: sum of (count - expected)² / (expected + 1), and of expected · (1 - share) / (expected + 1).</summary>
    [Fact]
    public void Spread_Vector_EqualsNumpy()
    {
        Spread spread = SeasonModel.SpreadOf([30, 50, 20], [0.4, 0.5, 0.1], 0.005);
        Assert.Equal(((100 / 41.0) + 0 + (100 / 11.0)) / 1.5, spread.Apart, 1e-9);
        Assert.Equal((24 / 41.0) + (25 / 51.0) + (9 / 11.0), spread.Chance, 1e-9);
        Assert.Equal(99 * spread.Chance, spread.Scale, 1e-9);
    }

    /// <summary>New values must not count as noise before there is evidence.</summary>
    [Fact]
    public void Spread_FarBeyondTheUsual_IsCappedAtThreeTimesIt()
    {
        Spread far = new(900, 9, 100);
        Assert.Equal(new Spread(27, 9, 100), far.AtMost(usual: 1));
        Assert.Equal(far, far.AtMost(usual: 40));
    }

    /// <summary>All layers in numpy, as arrays of days by hours by bins, with eight rounds of fitting by proportions.</summary>
    [Theory]
    [InlineData(0, 0.27065527050581556, 0.360575343345669, 0.3687693861485156)]
    [InlineData(40, 0.25263667033214465, 0.28748848312581, 0.45987484654204536)]
    [InlineData(137, 0.336062100529699, 0.24109035106079552, 0.4228475484095054)]
    public void Model_Vector_EqualsNumpy(int cell, double first, double second, double third)
    {
        static double Count(int cell, int bin)
        {
            (int day, int hour) = (cell / 24, cell % 24);
            int weekend = day >= 5 && bin == 0 ? 15 : 0;
            int work = hour is >= 8 and < 18 && bin == 2 ? 20 : 0;
            return 20 + (((day * 5) + (hour * 3) + (bin * 7)) % 11 * (1 + bin)) + weekend + work;
        }

        double[][] cells = [.. Enumerable.Range(0, SeasonModel.Cells)
            .Select(one => (double[])[Count(one, 0), Count(one, 1), Count(one, 2)])];

        double[] shares = new SeasonModel(cells, 3).At(cell)!.Shares;

        Assert.Equal(first, shares[0], 1e-9);
        Assert.Equal(second, shares[1], 1e-9);
        Assert.Equal(third, shares[2], 1e-9);
    }

    [Fact]
    public void Model_WithoutASeason_EstimatesEachHourFromTheWholeWeek()
    {
        var random = new Random(1);
        var model = new SeasonModel(Week(_ => [0.25, 0.25, 0.25, 0.25], random), 4);
        Expectation hour = model.At(17)!;
        Assert.All(hour.Shares, share => Assert.Equal(0.25, share, 0.04));
        // An hour by itself has 100 rows.
        Assert.True(1 / hour.HourDoubt > 400);
        Assert.InRange(model.HourNoise.Factor, 1, 1.15);
        Assert.InRange(model.DayNoise.Factor, 1, 1.9);
    }

    [Fact]
    public void Model_DayAndWeekendPattern_IsExpectedInEveryWeek()
    {
        var random = new Random(2);
        double[] Shares(int cell) => cell / 24 >= 5 ? [0.1, 0.2, 0.3, 0.4] : cell % 24 < 8 ? [0.4, 0.3, 0.2, 0.1]
            : [0.25, 0.25, 0.25, 0.25];
        var model = new SeasonModel(Week(Shares, random), 4);
        foreach (int cell in (int[])[3, 40, 130])
        {
            Assert.All(model.At(cell)!.Shares.Zip(Shares(cell)), pair => Assert.Equal(pair.Second, pair.First, 0.12));
        }

        Expectation twice = model.At(40, [2, 1, 1, 1])!;
        Expectation once = model.At(40)!;
        Assert.Equal(2 * once.Shares[0] / (1 + once.Shares[0]), twice.Shares[0], 1e-12);
    }

    /// <summary>A normal value whose mean is the sum of the day's and the hour's: the combination is not a mixture of either.</summary>
    [Fact]
    public void Model_DayAndHourCombined_HaveTheirOwnExpectation()
    {
        var random = new Random(4);
        double[] Shares(int cell)
        {
            double mean = Math.Sin(cell * Math.PI / 12) - (cell / 24 >= 5 ? 1 : 0);
            double[] edges = [-2, -1, 0, 1];
            double[] below = [0, .. edges.Select(edge => MathNet.Numerics.Distributions.Normal.CDF(mean, 1, edge)), 1];
            return [.. below.Zip(below.Skip(1), (low, high) => high - low)];
        }

        var model = new SeasonModel(Week(Shares, random), 5);
        foreach (int saturdayEvening in (int[])[136, 137, 138, 139, 140])
        {
            Assert.All(model.At(saturdayEvening)!.Shares.Zip(Shares(saturdayEvening)), pair => Assert.Equal(pair.Second, pair.First, 0.06));
        }
    }

    [Fact]
    public void Model_HourNeverSeen_HasNoExpectation()
    {
        double[][] cells = Week(_ => [0.5, 0.5], new Random(3));
        cells[5] = [];
        Assert.Null(new SeasonModel(cells, 2).At(5));
    }

    [Fact]
    public void Step_HoursOfTheWeek_StartOnMonday()
    {
        // 1970-01-05T00Z was a Monday.
        Assert.Equal((0, 167, 73), (WatchStep.CellOf(96), WatchStep.CellOf(95), WatchStep.CellOf(96 + 73 + (168 * 3000))));
    }

    private static double[][] Week(Func<int, double[]> shares, Random random) =>
    [
        .. Enumerable.Range(0, SeasonModel.Cells).Select(cell =>
        {
            double[] counts = new double[shares(cell).Length];
            for (int row = 0; row < 100; row++)
            {
                double draw = random.NextDouble();
                int bin = 0;
                while (bin < counts.Length - 1 && draw >= shares(cell)[bin])
                {
                    draw -= shares(cell)[bin];
                    bin++;
                }

                counts[bin]++;
            }

            return counts;
        }),
    ];
}
