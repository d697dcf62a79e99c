using Modeldrop.Metrics;

namespace Modeldrop.Tests.Metrics;

public sealed class MetricBootstrapTests
{
    [Fact]
    public void Weights_OfOne_GiveTheUnweightedMetrics()
    {
        var random = new Random(3);
        bool[] isPositive = [.. Enumerable.Range(0, 200).Select(_ => random.Next(3) == 0)];
        double[] scores = [.. isPositive.Select(yes => Math.Round((yes ? 0.3 : 0) + random.NextDouble(), 1))];
        int[] truth = [.. isPositive.Select(yes => yes ? 1 : 0)];
        int[] predicted = [.. scores.Select(score => score > 0.6 ? 1 : 0)];
        double[] values = [.. scores.Select(score => 3 * score)];
        int[] ones = [.. Enumerable.Repeat(1, 200)];
        var sample = new MetricSample(200);
        sample.AddRocAuc([(isPositive, scores)]);
        sample.AddPrecisionRecall(truth, predicted, 2, 1);
        sample.AddMean(MetricNames.Mae, [.. values.Zip(scores, (one, other) => Math.Abs(one - other))]);
        double[] squares = [.. values.Zip(scores, (one, other) => (one - other) * (one - other))];
        sample.AddRootMean(MetricNames.Rmse, squares);
        sample.AddRSquared(values, squares);

        Assert.Equal(ClassificationMetrics.RocAuc(isPositive, scores)!.Value, sample.Compute(MetricNames.RocAuc, ones)!.Value, 1e-12);
        Assert.Equal(ClassificationMetrics.PrecisionRecall(truth, predicted, 2, 1).F1!.Value, sample.Compute(MetricNames.F1, ones)!.Value,
            1e-12);
        Assert.Equal(RegressionMetrics.MeanAbsoluteError(values, scores)!.Value, sample.Compute(MetricNames.Mae, ones)!.Value, 1e-12);
        Assert.Equal(RegressionMetrics.RootMeanSquaredError(values, scores)!.Value, sample.Compute(MetricNames.Rmse, ones)!.Value, 1e-12);
        Assert.Equal(RegressionMetrics.RSquared(values, scores)!.Value, sample.Compute(MetricNames.R2, ones)!.Value, 1e-12);
    }

    /// <summary>A weight of 2 counts the row twice; a weight of 0 leaves it out.</summary>
    [Fact]
    public void Weights_EqualRepeatedRows()
    {
        bool[] isPositive = [true, false, true, false, false];
        double[] scores = [0.9, 0.9, 0.2, 0.1, 0.6];
        int[] weights = [2, 1, 0, 3, 1];
        int[] repeated = [.. weights.SelectMany((weight, row) => Enumerable.Repeat(row, weight))];
        var sample = new MetricSample(5);
        sample.AddRocAuc([(isPositive, scores)]);
        sample.AddMean(MetricNames.Mae, scores);

        Assert.Equal(
            ClassificationMetrics.RocAuc([.. repeated.Select(row => isPositive[row])], [.. repeated.Select(row => scores[row])])!.Value,
            sample.Compute(MetricNames.RocAuc, weights)!.Value, 1e-12);
        Assert.Equal(repeated.Average(row => scores[row]), sample.Compute(MetricNames.Mae, weights)!.Value, 1e-12);
    }

    /// <summary>
    /// The interval of a mean is about ±1.96 standard errors, and that of a paired difference much narrower than its parts.
    /// </summary>
    [Fact]
    public void Run_Intervals_HaveTheTheoreticalWidth()
    {
        var random = new Random(8);
        double[] hard = [.. Enumerable.Range(0, 2_000).Select(_ => random.NextDouble() * 10)];
        double[] theirs = [.. hard.Select(value => value + random.NextDouble())];
        var ours = new MetricSample(hard.Length);
        ours.AddMean(MetricNames.Mae, hard);
        var champion = new MetricSample(hard.Length);
        champion.AddMean(MetricNames.Mae, theirs);

        (IReadOnlyDictionary<string, MetricInterval> candidate, _, IReadOnlyDictionary<string, MetricInterval>? differences) =
            MetricBootstrap.Run(ours, champion, "digest");

        double error = Deviation(hard) / Math.Sqrt(hard.Length);
        MetricInterval interval = candidate[MetricNames.Mae];
        Assert.Equal(2 * 1.96 * error, interval.High - interval.Low, 2 * 1.96 * error * 0.15);
        Assert.InRange(hard.Average(), interval.Low, interval.High);
        MetricInterval difference = differences![MetricNames.Mae];
        Assert.InRange(-0.5, difference.Low, difference.High);
        Assert.True(difference.High - difference.Low < (interval.High - interval.Low) / 5);
        Assert.True(difference.High < 0);
    }

    /// <summary>The stated 95 % hold: about one in twenty intervals misses a known truth.</summary>
    [Fact]
    public void Run_Intervals_CoverTheTruthInAboutNineteenOfTwenty()
    {
        var random = new Random(21);
        int covered = 0;
        const int Runs = 300;
        for (int run = 0; run < Runs; run++)
        {
            var sample = new MetricSample(150);
            sample.AddShare(MetricNames.Accuracy, [.. Enumerable.Range(0, 150).Select(_ => random.NextDouble() < 0.8)]);
            MetricInterval interval = MetricBootstrap.Run(sample, null, run.ToString("0", null)).Candidate[MetricNames.Accuracy];
            covered += interval.Low <= 0.8 && 0.8 <= interval.High ? 1 : 0;
        }

        Assert.InRange(covered, Runs * 0.90, Runs * 0.985);
    }

    [Fact]
    public void Run_TheSameSeed_GivesTheSame()
    {
        var sample = new MetricSample(50);
        double[] values = [.. Enumerable.Range(0, 50).Select(row => (double)row)];
        sample.AddRSquared(values, values);

        Assert.Equal(MetricBootstrap.Run(sample, null, "a").Candidate, MetricBootstrap.Run(sample, null, "a").Candidate);
        Assert.NotEqual(MetricBootstrap.Run(sample, null, "a").Candidate, MetricBootstrap.Run(sample, null, "b").Candidate);
    }

    private static double Deviation(double[] values)
    {
        double mean = values.Average();
        return Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1));
    }
}
