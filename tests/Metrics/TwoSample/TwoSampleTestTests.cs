using Modeldrop.Metrics.TwoSample;

namespace Modeldrop.Tests.Metrics.TwoSample;

public sealed class TwoSampleTestTests
{
    private static readonly double[] Scores = [0.1, 0.4, 0.35, 0.8, 0.8, 0.2, 0.9, 0.4, 0.7, 0.55, 0.4, 0.3];
    private static readonly byte[] Labels = [0, 0, 1, 1, 0, 0, 1, 1, 1, 0, 1, 0];

    /// <summary>sklearn.metrics.roc_auc_score; the error from placements in numpy (DeLong 1988).</summary>
    [Fact]
    public void AreaOf_Vector_EqualsScikitLearn()
    {
        (double area, double error) = TwoSampleTest.AreaOf(Scores, Labels);
        Assert.Equal(0.7361111111111112, area, 1e-12);
        Assert.Equal(0.15490937215109649, error, 1e-12);
    }

    /// <summary>scipy.stats.mannwhitneyu(alternative="greater", use_continuity=False, method="asymptotic").</summary>
    [Fact]
    public void PValueOf_Vector_EqualsScipy() => Assert.Equal(0.08485359816648796, TwoSampleTest.PValueOf(Scores, Labels), 1e-9);

    [Fact]
    public void Run_CorrelationWithEqualMarginals_IsDetectedAndItsFeaturesAreNamed()
    {
        TwoSampleResult result = Run(new Random(1), 2_000, 1_000, 0.95)!;

        Assert.InRange(result.Auc, 0.75, 1);
        Assert.True(result.PValue < 1e-12);
        Assert.InRange(result.Auc, result.Low, result.High);
        Assert.Equal(["a", "b"], result.Features.Select(feature => feature.Name).Order());
        Assert.Equal(result.Auc, Run(new Random(1), 2_000, 1_000, 0.95)!.Auc);
    }

    /// <summary>
    /// Stated: 1 in 100 at 0.01; in 100 runs, 5 or more have a probability of 0.3 %. At 0.2, 20 are expected; the bounds are 3.3 standard
    /// deviations away.
    /// </summary>
    [Fact]
    public void Run_UnchangedRows_AlarmsAtTheStatedRate()
    {
        var random = new Random(2);
        double[] chances = [.. Enumerable.Range(0, 100).Select(_ => Run(random, 500, 400, 0)!.PValue)];
        Assert.InRange(chances.Count(chance => chance <= 0.01), 0, 4);
        Assert.InRange(chances.Count(chance => chance <= 0.2), 7, 33);
    }

    [Fact]
    public void Run_FewRows_HasNoTest() => Assert.Null(Run(new Random(3), 500, 150, 0));

    [Fact]
    public void File_RoundTrips()
    {
        string path = Path.GetTempFileName();
        try
        {
            var file = new TwoSampleFile(["a", "ü"], [[1, double.NaN], [2, -3]], [0, 1], [7, 8], -5);
            file.Write(path);
            TwoSampleFile read = TwoSampleFile.Read(path);
            Assert.Equal(file.Names, read.Names);
            Assert.Equal(file.Columns, read.Columns);
            Assert.Equal((file.Seed, "0,1", "7,8"), (read.Seed, string.Join(',', read.Labels), string.Join(',', read.Groups)));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static TwoSampleResult? Run(Random random, int before, int now, double correlation)
    {
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        int rows = before + now;
        double[] a = [.. Enumerable.Range(0, rows).Select(_ => Normal())];
        double[] b = [.. a.Select((value, row) => row < before ? Normal() : (correlation * value)
            + (Math.Sqrt(1 - (correlation * correlation)) * Normal()))];
        double[] c = [.. Enumerable.Range(0, rows).Select(_ => random.NextDouble() < 0.1 ? double.NaN : random.Next(5))];
        return TwoSampleTest.Run(
            ["a", "b", "c"], [a, b, c], [.. Enumerable.Range(0, rows).Select(row => (byte)(row < before ? 0 : 1))],
            [.. Enumerable.Range(0, rows)], 42, TimeProvider.System);
    }
}
