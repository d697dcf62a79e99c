using Modeldrop.Metrics;
using Modeldrop.Metrics.Estimation;

namespace Modeldrop.Tests.Metrics.Estimation;

public sealed class AnswerStrataTests
{
    /// <summary>numpy's searchsorted for the strata, Welch's formula in each, scipy's t.</summary>
    [Fact]
    public void CompareErrors_Vector_EqualsScipy()
    {
        ModelMetrics before = Regression(
            [.. Enumerable.Range(0, 200).Select(row => row * 37 % 101 / 10.0)],
            [.. Enumerable.Range(0, 200).Select(row => ((row * 53 % 89) - 44) / 40.0 * (1 + (row * 37 % 101 / 10.0 / 20)))]);
        ModelMetrics now = Regression(
            [.. Enumerable.Range(0, 120).Select(row => row * 41 % 97 / 10.0)],
            [.. Enumerable.Range(0, 120).Select(row => (((row * 59 % 83) - 41) / 30.0) + 0.25)]);
        AnswerStrata strata = AnswerStrata.Of(before)!;
        Assert.Equal(9, strata.Edges.Count);

        ResidualChange change = strata.CompareErrors(strata.Recount(now)!)!;

        Assert.Equal(0.030148972339227934, change.Level, 1e-9);
        Assert.Equal(0.2045817494131969, change.LevelDifference, 1e-9);
        Assert.Equal(0.7796048289086803, change.Size, 1e-9);
        Assert.Equal(0.014082120053853949, change.SizeDifference, 1e-9);
        Assert.Equal(2 * 0.030148972339227934, change.PValue, 1e-9);
    }

    [Fact]
    public void Of_FewRows_IsNull_AndEqualAnswersAreOneStratum()
    {
        Assert.Null(AnswerStrata.Of(Regression([.. Enumerable.Repeat(1.0, 19)], new double[19])));
        AnswerStrata one = AnswerStrata.Of(Regression([.. Enumerable.Repeat(1.0, 500)], new double[500]))!;
        Assert.Equal(500, Assert.Single(one.Strata).Rows);
    }

    private static ModelMetrics Regression(double[] answers, double[] errors) => new(new Dictionary<string, double>(), answers.Length, [])
    {
        Regressed = new RegressedRows([.. answers.Zip(errors, (answer, error) => answer + error)], answers),
    };
}
