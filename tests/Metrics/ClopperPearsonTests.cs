using Modeldrop.Metrics;

namespace Modeldrop.Tests.Metrics;

public sealed class ClopperPearsonTests
{
    private static readonly Random Seeded = new(20260131);

    // scipy 1.10: beta.ppf(0.05, k, n - k + 1) and beta.ppf(0.95, k + 1, n - k).
    [Theory]
    [InlineData(0, 100, 0.0, 0.02951304960703993)]
    [InlineData(1, 100, 0.000512801416262292, 0.046559811453538935)]
    [InlineData(5, 100, 0.019905563662171832, 0.1022533776432745)]
    [InlineData(50, 100, 0.41362171463091163, 0.5863782853690883)]
    [InlineData(99, 100, 0.9534401884465611, 0.9994871985837377)]
    [InlineData(100, 100, 0.9704869503929601, 1.0)]
    [InlineData(37, 10000, 0.002760622725075635, 0.0048647055939070516)]
    [InlineData(3, 3, 0.3684031498640387, 1.0)]
    public void Bounds_Vector_EqualScipy(long cases, long trials, double lower, double upper)
    {
        Assert.Equal(lower, ClopperPearson.Lower(cases, trials), 1e-9);
        Assert.Equal(upper, ClopperPearson.Upper(cases, trials), 1e-9);
    }

    [Theory]
    [InlineData(0.001)]
    [InlineData(0.01)]
    [InlineData(0.05)]
    [InlineData(0.5)]
    public void LeastTrials_Rate_IsTheSmallestNumberThatCanShowIt(double rate)
    {
        long trials = ClopperPearson.LeastTrials(rate);

        Assert.True(ClopperPearson.Upper(0, trials) <= rate + 1e-12);
        Assert.True(ClopperPearson.Upper(0, trials - 1) > rate);
    }

    [Theory]
    [InlineData(0.002)]
    [InlineData(0.02)]
    [InlineData(0.3)]
    public void Upper_ManySamples_IsBelowTheTrueRateInAtMostFivePercent(double rate)
    {
        const int Runs = 2_000;
        int missed = 0;
        for (int run = 0; run < Runs; run++)
        {
            long cases = Enumerable.Range(0, 400).Count(_ => Seeded.NextDouble() < rate);
            missed += ClopperPearson.Upper(cases, 400) < rate ? 1 : 0;
        }

        // Four standard errors above the 5 % that are stated.
        Assert.InRange(missed, 0, (Runs * 0.05) + (4 * Math.Sqrt(Runs * 0.05 * 0.95)));
    }
}
