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
        Spread spread = Spread.Of([30, 50, 20], [0.4, 0.5, 0.1], 0.005);
        Assert.Equal(((100 / 41.0) + 0 + (100 / 11.0)) / 1.5, spread.Apart, 1e-9);
        Assert.Equal((24 / 41.0) + (25 / 51.0) + (9 / 11.0), spread.Chance, 1e-9);
        Assert.Equal(99 * spread.Chance, spread.Scale, 1e-9);
    }

    /// <summary>scipy: normal scores; rows · (difference of the mean score)² / variance.</summary>
    [Fact]
    public void Spread_OfShift_EqualsScipy() =>
        Assert.Equal(new Spread(Math.Round(6.566354073371041, 12), 1, 99), Rounded(Spread.OfShift([30, 50, 20], [0.4, 0.5, 0.1], 0.005)));

    /// <summary>scipy: chi2.ppf(0.1, 5) = 1.610, chi2.ppf(0.1, 14) = 7.790.</summary>
    [Fact]
    public void Noise_OfFewDays_IsAtItsUpperBound()
    {
        Assert.Equal(10 / 1.6103079869623227, Of(new Spread(10, 5, 0)), 1e-9);
        Assert.Equal(14 / 7.789533609752369, Of(new Spread(14, 14, 0)), 1e-9);
        Assert.Equal(1, Of(new Spread(1, 14, 0)));
        Assert.Equal(1, Of(new Spread(0, 0, 0)));

        static double Of(Spread days) => new WatchNoise(default, default, default, days).OfShift;
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
    [InlineData(0, 0.27008542724392787, 0.3615085460621558, 0.3684060266939164)]
    [InlineData(40, 0.2575206978263661, 0.2884807302425308, 0.4539985719311031)]
    [InlineData(137, 0.33627744386091923, 0.24127314267590858, 0.4224494134631722)]
    public void Model_Vector_EqualsNumpy(int cell, double first, double second, double third)
    {
        double[] shares = new SeasonModel(Patterned(), 3).At(cell)!.Shares;

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
        Assert.InRange(model.Noise.Hours.Factor, 1, 1.15);
        Assert.InRange(model.Noise.Days.Factor, 1, 1.9);
        Assert.InRange(model.Noise.HourShifts.Factor, 1, 1.4);
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

    /// <summary>The same model in numpy, and the change by proportions.</summary>
    [Fact]
    public void Model_ChangeToADifferentWeek_SumsToThatWeek()
    {
        double[][] cells = Patterned();
        double[] logged = [.. Enumerable.Range(0, 3).Select(bin => cells.Sum(cell => cell[bin]))];
        var model = new SeasonModel(cells, 3);

        double[] change = model.ChangeTo([0.5, 0.3, 0.2], logged);

        Assert.Equal([1.7707754708467887, 1.022877974528605, 0.46598066201836846], change, (one, other) => Math.Abs(one - other) < 1e-3);
        double[] week = [.. Enumerable.Range(0, 3).Select(bin =>
            Enumerable.Range(0, SeasonModel.Cells).Sum(cell => cells[cell].Sum() * model.At(cell, change)!.Shares[bin]) / logged.Sum())];
        Assert.All(week.Zip([0.5, 0.3, 0.2]), pair => Assert.Equal(pair.Second, pair.First, 1e-3));
    }

    /// <summary>A day of which the morning is missing has other values, and the pattern of every other day.</summary>
    [Fact]
    public void Model_DayWithFewHours_IsNoPatternOfThatDay()
    {
        var random = new Random(6);
        double[][] cells = Week(cell => cell % 24 < 12 ? [0.4, 0.3, 0.2, 0.1] : [0.1, 0.2, 0.3, 0.4], random);
        for (int hour = 0; hour < 11; hour++)
        {
            cells[hour] = [4, 3, 2, 1];
        }

        Assert.All(new SeasonModel(cells, 4).At(18)!.Shares.Zip([0.1, 0.2, 0.3, 0.4]), pair => Assert.Equal(pair.Second, pair.First, 0.02));
    }

    /// <summary>Hours that day and hour do not explain are expected as the log has them, on the days that have such hours.</summary>
    [Fact]
    public void Model_WeekendWithoutTheDaysRhythm_HasItsOwnHours()
    {
        var random = new Random(7);
        double[] Shares(int cell) => cell / 24 >= 5 ? [0.25, 0.25, 0.25, 0.25]
            : cell % 24 < 12 ? [0.55, 0.3, 0.1, 0.05] : [0.05, 0.1, 0.3, 0.55];
        var model = new SeasonModel(Week(Shares, random, rows: 300), 4);

        double[] saturdayMorning = [.. Enumerable.Range(0, 4).Select(bin =>
            Enumerable.Range(120, 12).Average(cell => model.At(cell)!.Shares[bin]))];

        Assert.All(saturdayMorning, share => Assert.Equal(0.25, share, 0.04));
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

    private static Spread Rounded(Spread spread) => spread with { Apart = Math.Round(spread.Apart, 12) };

    /// <summary>Counts of days, weekends and working hours, without chance.</summary>
    private static double[][] Patterned()
    {
        static double Count(int cell, int bin)
        {
            (int day, int hour) = (cell / 24, cell % 24);
            int weekend = day >= 5 && bin == 0 ? 15 : 0;
            int work = hour is >= 8 and < 18 && bin == 2 ? 20 : 0;
            return 20 + (((day * 5) + (hour * 3) + (bin * 7)) % 11 * (1 + bin)) + weekend + work;
        }

        return [.. Enumerable.Range(0, SeasonModel.Cells).Select(cell => (double[])[Count(cell, 0), Count(cell, 1), Count(cell, 2)])];
    }

    private static double[][] Week(Func<int, double[]> shares, Random random, int rows = 100) =>
    [
        .. Enumerable.Range(0, SeasonModel.Cells).Select(cell =>
        {
            double[] counts = new double[shares(cell).Length];
            for (int row = 0; row < rows; row++)
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
