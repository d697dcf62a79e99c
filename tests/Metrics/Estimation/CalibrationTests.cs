using Modeldrop.Metrics;
using Modeldrop.Metrics.Estimation;

namespace Modeldrop.Tests.Metrics.Estimation;

public sealed class CalibrationTests
{
    [Fact]
    public void Isotonic_Vector_EqualsScikitLearn()
    {
        // IsotonicRegression(out_of_bounds="clip").fit(x, y), scikit-learn 1.2.1.
        CalibrationCurve curve = CalibrationMap.Isotonic(
            [0.1, 0.2, 0.2, 0.35, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9], [false, true, false, false, true, false, true, false, true, true]);

        double[] at = [0.0, 0.1, 0.15, 0.2, 0.3, 0.35, 0.375, 0.4, 0.45, 0.55, 0.6, 0.65, 0.75, 0.8, 0.9, 1.0];
        double[] expected = ExpectedIsotonic;
        Assert.All(at.Zip(expected), pair => Assert.Equal(pair.Second, curve.At(pair.First), 1e-12));
        Assert.Equal(curve.Values.Order(), curve.Values);
    }

    [Fact]
    public void Estimate_OtherMixOfInputs_StaysInItsBand_AndARepeatedFitIsEqual()
    {
        // Badly calibrated scores (their square is the probability), calibrated on one mix and used on another.
        var random = new Random(11);
        int inside = 0;
        int insideArea = 0;
        const int Windows = 100;
        for (int window = 0; window < Windows; window++)
        {
            ClassifiedRows validation = Rows(random, 4000, score => score);
            CalibrationMap map = CalibrationMap.Parse(CalibrationMap.Fit(validation, $"{window}")!.ToDocument());
            ClassifiedRows current = Rows(random, 1000, score => score * score);
            PerformanceEstimate estimate = PerformanceEstimate.Of(current with { Truth = null }, map, window)!;
            double accuracy = ClassificationMetrics.Accuracy(current.Truth, current.Predicted)!.Value;
            double area = ClassificationMetrics.RocAuc(
                [.. current.Truth!.Select(one => one == 1)],
                [.. Enumerable.Range(0, current.Rows).Select(row => current.Probabilities[(row * 2) + 1])])!.Value;
            inside += accuracy >= estimate.Bands[MetricNames.Accuracy].Low && accuracy <= estimate.Bands[MetricNames.Accuracy].High ? 1 : 0;
            insideArea += area >= estimate.Bands[MetricNames.RocAuc].Low && area <= estimate.Bands[MetricNames.RocAuc].High ? 1 : 0;
        }

        // 95 expected; below 87 in one of a thousand runs at exactly 95 %.
        Assert.InRange(inside, 87, Windows);
        Assert.InRange(insideArea, 87, Windows);
    }

    [Fact]
    public void Estimate_OtherLabelsForTheSameScores_IsOutsideItsBand()
    {
        var random = new Random(12);
        CalibrationMap map = CalibrationMap.Fit(Rows(random, 4000, score => score), "a")!;
        ClassifiedRows current = Rows(random, 2000, score => score, chance: score => 1 - score);
        PerformanceEstimate estimate = PerformanceEstimate.Of(current, map, 1)!;

        Assert.True(ClassificationMetrics.Accuracy(current.Truth, current.Predicted) < estimate.Bands[MetricNames.Accuracy].Low);
    }

    [Fact]
    public void Fit_ThreeClasses_GivesProbabilities()
    {
        var random = new Random(13);
        double[] probabilities = [
            .. Enumerable.Range(0, 600).SelectMany(_ => Normalised(random.NextDouble(), random.NextDouble(), random.NextDouble()))];
        int[] truth = [
            .. Enumerable.Range(0, 600).Select(
                row => Array.IndexOf(probabilities[(row * 3)..((row * 3) + 3)], probabilities[(row * 3)..((row * 3) + 3)].Max()))];
        var rows = new ClassifiedRows(probabilities, truth, ["a", "b", "c"], null, truth);
        CalibrationMap map = CalibrationMap.Fit(rows, "x")!;
        double[] calibrated = CalibrationMap.Apply(map.Curves, probabilities, 3);

        Assert.Equal(3, map.Curves.Count);
        Assert.All(Enumerable.Range(0, 600), row => Assert.Equal(1, calibrated[(row * 3)..((row * 3) + 3)].Sum(), 1e-12));
        Assert.InRange(PerformanceEstimate.Of(rows, map, 1)!.Values[MetricNames.Accuracy], 0.8, 1);
    }

    [Fact]
    public void Fit_FewRowsOrOneClass_IsNull()
    {
        var random = new Random(14);
        Assert.Null(CalibrationMap.Fit(Rows(random, 99, score => score), "x"));
        Assert.Null(CalibrationMap.Fit(Rows(random, 500, score => score, chance: _ => 0), "x"));
        CalibrationMap map = CalibrationMap.Fit(Rows(random, 500, score => 0.4 + (0.2 * score)), "x")!;
        Assert.Equal(0.5, map.OutsideShare([0.5, 0.5, 0.1, 0.9], 2));
    }

    private static readonly double[] ExpectedIsotonic = [
        0.0, 0.0, 0.1666666666666666, 0.3333333333333333, 0.3333333333333333, 0.3333333333333333, 0.41666666666666663, 0.5, 0.5, 0.5, 0.5,
        0.5, 0.75, 1.0, 1.0, 1.0
    ];

    private static double[] Normalised(params double[] values) => [.. values.Select(value => value / values.Sum())];

    private static ClassifiedRows Rows(Random random, int rows, Func<double, double> mix, Func<double, double>? chance = null)
    {
        double[] scores = [.. Enumerable.Range(0, rows).Select(_ => mix(random.NextDouble()))];
        int[] truth = [.. scores.Select(score => random.NextDouble() < (chance ?? (one => one * one))(score) ? 1 : 0)];
        return new ClassifiedRows(
            [.. scores.SelectMany(score => new[] { 1 - score, score })], [.. scores.Select(score => score > 0.5 ? 1 : 0)], ["no", "yes"], 1,
            truth);
    }
}
