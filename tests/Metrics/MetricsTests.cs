using FsCheck.Xunit;
using Modeldrop.Manifests;
using Modeldrop.Metrics;

namespace Modeldrop.Tests.Metrics;

/// <summary>Literal vectors from scikit-learn 1.2.1 (Python 3.11), and what must hold for any data.</summary>
public sealed class MetricsTests
{
    private static readonly int[] Binary = [0, 1, 1, 0, 1, 0, 0, 1];

    private static readonly double[] Positive = [.1, .8, .35, .35, .9, .6, 0.0, .35];

    private static readonly int[] Three = [0, 1, 2, 2, 1, 0, 2];

    private static readonly double[] ThreeProbabilities = [
        .7, .2, .1, .1, .6, .3, .2, .2, .6, .4, .3, .3, .3, .5, .2, .3, .4, .3, .05, .05, .9];

    private static readonly double[] Truth = [3, -0.5, 2, 7, 4.25];

    private static readonly double[] Predicted = [2.5, 0, 2, 8, 4];

    [Fact]
    public void Binary_Vector_EqualsScikitLearn()
    {
        int[] predicted = [.. Positive.Select(score => score > .5 ? 1 : 0)];

        Assert.Equal(0.625, ClassificationMetrics.Accuracy(Binary, predicted));
        Close(0.4850728099492284, ClassificationMetrics.LogLoss(Binary, Columns(Positive), 2));
        Close(0.8125, ClassificationMetrics.RocAuc(IsOne(Binary), Positive));
        Close(0.1734375, ClassificationMetrics.Brier(IsOne(Binary), Positive));
        (double? precision, double? recall, double? f1) = ClassificationMetrics.PrecisionRecall(Binary, predicted, 2, 1);
        Close(0.6666666666666666, precision);
        Close(0.5, recall);
        Close(0.5714285714285715, f1);
    }

    [Fact]
    public void CalibrationError_Vector_EqualsNumpy()
    {
        // By its formula in numpy 1.24.
        bool[] truth = [false, true, false, false, true, true, false, true, true, false];
        Close(0.2859999999999999, ClassificationMetrics.CalibrationError(truth, [.05, .12, .18, .35, .5, .62, .8, .95, 1.0, .03]));
        Assert.Equal(0, ClassificationMetrics.CalibrationError([true, false], [1, 0]));
        Assert.Null(ClassificationMetrics.CalibrationError([true], [double.NaN]));
    }

    [Fact]
    public void Names_EqualTheBoundsOfTheManifest() => Assert.Equal(ManifestReader.Metrics.Order(), MetricNames.All.Order());

    [Fact]
    public void LogLoss_CertainAndWrong_IsClippedAsInScikitLearn()
    {
        double[] positive = [1.0, .. Positive[1..]];

        Close(4.977359419131644, ClassificationMetrics.LogLoss(Binary, Columns(positive), 2));
    }

    [Fact]
    public void Multiclass_Vector_EqualsScikitLearn()
    {
        int[] predicted = [
            .. Enumerable.Range(0, 7).Select(
                row => Array.IndexOf(
                    ThreeProbabilities[(row * 3)..((row * 3) + 3)], ThreeProbabilities[(row * 3)..((row * 3) + 3)].Max()))];

        Close(0.7142857142857143, ClassificationMetrics.Accuracy(Three, predicted));
        Close(0.6549684994771939, ClassificationMetrics.LogLoss(Three, ThreeProbabilities, 3));
        Close(0.9222222222222222, ClassificationMetrics.RocAucOneVersusRest(Three, ThreeProbabilities, 3));
        (double? precision, double? recall, double? f1) = ClassificationMetrics.PrecisionRecall(Three, predicted, 3, null);
        Close(0.7222222222222222, precision);
        Close(0.7222222222222222, recall);
        Close(0.7000000000000001, f1);
    }

    [Fact]
    public void LogLoss_RowsThatDoNotSumToOne_AreNormalisedAsInScikitLearn()
    {
        double[] factors = [1.0, 1.1, 0.9];
        double[] probabilities = [.. ThreeProbabilities.Select((value, index) => value * factors[index % 3])];

        Close(0.6656579630953915, ClassificationMetrics.LogLoss(Three, probabilities, 3));
    }

    [Fact]
    public void Regression_Vector_EqualsScikitLearn()
    {
        Close(0.45, RegressionMetrics.MeanAbsoluteError(Truth, Predicted));
        Close(0.5590169943749475, RegressionMetrics.RootMeanSquaredError(Truth, Predicted));
        Close(0.9491042345276873, RegressionMetrics.RSquared(Truth, Predicted));
        Assert.Equal(1, RegressionMetrics.RSquared([2, 2, 2], [2, 2, 2]));
        Assert.Equal(0, RegressionMetrics.RSquared([2, 2, 2], [2, 2, 3]));
    }

    [Fact]
    public void Metric_Undefined_IsNull()
    {
        Assert.Null(ClassificationMetrics.Accuracy([], []));
        Assert.Null(ClassificationMetrics.LogLoss([0], [double.NaN, 1], 2));
        Assert.Null(ClassificationMetrics.RocAuc([true, true], [0.1, 0.2]));
        Assert.Null(ClassificationMetrics.RocAuc([true, false], [double.NaN, 0.2]));
        Assert.Null(ClassificationMetrics.RocAucOneVersusRest([0, 1], [.5, .4, .1, .5, .4, .1], 3));
        Assert.Null(ClassificationMetrics.Brier([true], [double.NaN]));
        Assert.Null(RegressionMetrics.MeanAbsoluteError([], []));
        Assert.Null(RegressionMetrics.RSquared([1], [1]));
        Assert.Null(RegressionMetrics.RootMeanSquaredError([1], [double.NaN]));
    }

    [Property]
    public bool RocAuc_OfAnyScores_IsTheShareOfOrderedPairs(byte[] scores, int seed)
    {
        var random = new Random(seed);
        bool[] positive = [.. scores.Select(_ => random.Next(2) == 0)];
        double[] values = [.. scores.Select(score => (double)(score % 7))];
        double pairs = 0;
        double won = 0;
        for (int a = 0; a < values.Length; a++)
        {
            for (int b = 0; b < values.Length; b++)
            {
                if (positive[a] && !positive[b])
                {
                    pairs++;
                    won += values[a] > values[b] ? 1 : values[a] == values[b] ? 0.5 : 0;
                }
            }
        }

        double? area = ClassificationMetrics.RocAuc(positive, values);
        return pairs == 0 ? area is null : Math.Abs(area!.Value - (won / pairs)) < 1e-12;
    }

    private static bool[] IsOne(int[] truth) => [.. truth.Select(index => index == 1)];

    private static double[] Columns(double[] positive) => [.. positive.SelectMany(value => new[] { 1 - value, value })];

    private static void Close(double expected, double? actual) => Assert.Equal(expected, actual!.Value, 1e-12);
}
