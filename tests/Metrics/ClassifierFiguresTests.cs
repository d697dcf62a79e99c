using Modeldrop.Metrics;

namespace Modeldrop.Tests.Metrics;

/// <summary>Vectors from scikit-learn 1.2.1 on 40 rows with ties.</summary>
public sealed class ClassifierFiguresTests
{
    private static readonly int[] Truth = [.. Enumerable.Range(0, 40).Select(row => row * 11 % 40 < 14 ? 1 : 0)];

    private static readonly double[] Scores =
    [
        0.25, 0.73, 0.31, 0.14, 0.87, 0.45, 0.28, 0.11, 0.84, 0.42, 0.25, 0.33, 0.81, 0.39, 0.22, 0.31, 0.53, 0.36, 0.2, 0.28,
        0.5, 0.34, 0.42, 0.25, 0.48, 0.31, 0.39, 0.62, 0.45, 0.28, 0.36, 0.59, 0.42, 0.5, 0.08, 0.56, 0.39, 0.47, 0.06, 0.53,
    ];

    [Fact]
    public void Curve_Vector_EqualsScikitLearn()
    {
        RankingCurves curve = ClassifierFigures.Curve("yes", [.. Truth.Select(one => one == 1)], Scores)!;

        Assert.Equal(27, curve.Roc.Count);
        double[] x = [0, 0, 0.038461538461538464, 0.2692307692307692, 0.9615384615384616, 1];
        double[] y = [0, 0.07142857142857142, 0.2857142857142857, 0.35714285714285715, 1, 1];
        int[] places = [0, 1, 5, 10, 25, 26];
        Assert.All(places.Index(), place => Assert.Equal((x[place.Index], y[place.Index]), (curve.Roc[place.Item].X,
            curve.Roc[place.Item].Y)));
        Assert.Equal(26, curve.PrecisionRecall.Count);
        Assert.Equal((0.21428571428571427, 1.0), (curve.PrecisionRecall[2].X, curve.PrecisionRecall[2].Y));
        Assert.Equal(0.5771937758976192, curve.AveragePrecision, 1e-12);
        Assert.Equal(0.6263736263736264, curve.Area, 1e-12);
    }

    [Fact]
    public void Of_Vector_EqualsScikitLearn()
    {
        double[] scores = [.. Scores.Select(score => Math.Round(score + 0.003, 3))];
        var rows = new ClassifiedRows(
            [.. scores.SelectMany(score => new[] { 1 - score, score })], [.. scores.Select(score => score > 0.5 ? 1 : 0)], ["no", "yes"],
                1, Truth);
        ClassifierFigures figures = ClassifierFigures.Of(ClassifierFigures.Count(Truth, [.. Scores.Select(
            score => score > 0.5 ? 1 : 0)], rows.Classes), rows)!;

        Assert.Equal([[21, 5], [10, 4]], figures.Confusion!.Counts);
        Assert.Equal(ExpectedShares, figures.Reliability.Select(bin => bin.Share), (one, other) => Math.Abs(one - other) < 1e-12);
        Assert.Equal(ExpectedMeans, figures.Reliability.Select(bin => bin.Mean), (one, other) => Math.Abs(one - other) < 1e-12);
        Assert.Equal(40, figures.Reliability.Sum(bin => bin.Rows));
        Assert.All(figures.Reliability, bin => Assert.InRange(bin.Share, bin.Low, bin.High));
    }

    [Fact]
    public void Curve_ManyRows_KeepsItsEndsAndItsArea()
    {
        var random = new Random(5);
        double[] scores = [.. Enumerable.Range(0, 5_000).Select(_ => random.NextDouble())];
        bool[] truth = [.. scores.Select(score => random.NextDouble() < score)];
        RankingCurves curve = ClassifierFigures.Curve("yes", truth, scores)!;

        Assert.InRange(curve.Roc.Count, 50, 102);
        Assert.Equal((new CurvePoint(0, 0), new CurvePoint(1, 1)), (curve.Roc[0], curve.Roc[^1]));
        Assert.Equal(ClassificationMetrics.RocAuc(truth, scores)!.Value, curve.Area, 1e-9);
    }

    [Fact]
    public void Curve_OneClass_IsNull() => Assert.Null(ClassifierFigures.Curve("yes", [true, true], [0.1, 0.2]));

    private static readonly double[] ExpectedShares = [0, 0, 0.375, 0.4, 0.2857142857142857, 0.16666666666666666, 0, 1, 1];

    private static readonly double[] ExpectedMeans =
        [0.073, 0.128, 0.25425, 0.352, 0.44728571428571423, 0.538, 0.623, 0.733, 0.843];
}
