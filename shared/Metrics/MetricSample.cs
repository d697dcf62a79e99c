namespace Modeldrop.Metrics;

/// <summary>Labelled rows with what a model says about them, ready to be weighed again and again.</summary>
internal sealed class MetricSample(int rows)
{
    private readonly SortedDictionary<string, Func<int[], double?>> _metrics = new(StringComparer.Ordinal);

    public int Rows => rows;

    public IEnumerable<string> Names => _metrics.Keys;

    /// <summary>A mean of a value a row.</summary>
    public void AddMean(string name, double[] values, Func<double, double>? after = null) =>
        _metrics[name] = weights => WeightedMetrics.Mean(values, weights) is { } mean ? (after is null ? mean : after(mean)) : null;

    public void AddCalibrationError(bool[] isPositive, double[] scores) => _metrics[MetricNames.CalibrationError] = weights => WeightedMetrics.CalibrationError(isPositive, scores, weights);

    public void AddRSquared(double[] truth, double[] squaredErrors) => _metrics[MetricNames.R2] = weights => WeightedMetrics.RSquared(truth, squaredErrors, weights);

    public void AddPrecisionRecall(int[] truth, int[] predicted, int classes, int? positive)
    {
        _metrics[MetricNames.Precision] = weights => WeightedMetrics.PrecisionRecall(truth, predicted, classes, positive, weights).Precision;
        _metrics[MetricNames.Recall] = weights => WeightedMetrics.PrecisionRecall(truth, predicted, classes, positive, weights).Recall;
        _metrics[MetricNames.F1] = weights => WeightedMetrics.PrecisionRecall(truth, predicted, classes, positive, weights).F1;
    }

    /// <param name="classes">For each class that counts, which rows are positive and their scores; the areas' mean is the metric.</param>
    public void AddRocAuc(IReadOnlyList<(bool[] IsPositive, double[] Scores)> classes)
    {
        (bool[] IsPositive, double[] Scores, int[] Order)[] sorted = [.. classes.Select(one =>
        {
            int[] order = [.. Enumerable.Range(0, rows)];
            Array.Sort([.. one.Scores], order);
            return (one.IsPositive, one.Scores, order);
        })];
        _metrics[MetricNames.RocAuc] = weights =>
        {
            double sum = 0;
            foreach ((bool[] isPositive, double[] scores, int[] order) in sorted)
            {
                sum += WeightedMetrics.RocAuc(isPositive, scores, order, weights) ?? double.NaN;
            }

            return double.IsNaN(sum) ? null : sum / sorted.Length;
        };
    }

    public double? Compute(string name, int[] weights) => _metrics[name](weights);
}
