namespace Modeldrop.Metrics;

/// <summary>Labelled rows with what a model says about them, ready to be weighed again and again.</summary>
/// <param name="rows">Each has a weight when a metric is computed.</param>
internal sealed class MetricSample(int rows)
{
    private readonly SortedDictionary<string, Func<int[], double?>> _metrics = new(StringComparer.Ordinal);
    private Action<string, Func<int[], double?>>? _toWhole;

    public int Rows => rows;

    /// <summary>How many times as long as a metric of one label the slowest one takes.</summary>
    public int Cost { get; private set; } = 1;

    public IEnumerable<string> Names => _metrics.Keys;

    /// <summary>Some of the rows: a metric of theirs is one of this sample too.</summary>
    public MetricSample Among(int[] some) => some.Length == rows ? this : new MetricSample(some.Length)
    {
        _toWhole = (name, metric) => Add(name, weights => metric([.. some.Select(row => weights[row])])),
    };

    /// <summary>A mean of a value a row.</summary>
    public void AddMean(string name, double[] values, Func<double, double>? after = null) =>
        Add(name, weights => WeightedMetrics.Mean(values, weights) is { } mean ? (after is null ? mean : after(mean)) : null);

    public void AddCalibrationError(bool[] isPositive, double[] scores) =>
        Add(MetricNames.CalibrationError, weights => WeightedMetrics.CalibrationError(isPositive, scores, weights));

    public void AddRSquared(double[] truth, double[] squaredErrors) =>
        Add(MetricNames.R2, weights => WeightedMetrics.RSquared(truth, squaredErrors, weights));

    /// <summary>The mean of a metric over samples of the same rows; null where one of them has none.</summary>
    public void AddMacro(string name, IReadOnlyList<MetricSample> samples)
    {
        Cost = samples.Count;
        Add(name, weights =>
        {
            double sum = 0;
            foreach (MetricSample sample in samples)
            {
                sum += sample.Compute(name, weights) ?? double.NaN;
            }

            return double.IsNaN(sum) ? null : sum / samples.Count;
        });
    }

    public void AddPrecisionRecall(int[] truth, int[] predicted, int classes, int? positive)
    {
        Add(MetricNames.Precision, weights => WeightedMetrics.PrecisionRecall(truth, predicted, classes, positive, weights).Precision);
        Add(MetricNames.Recall, weights => WeightedMetrics.PrecisionRecall(truth, predicted, classes, positive, weights).Recall);
        Add(MetricNames.F1, weights => WeightedMetrics.PrecisionRecall(truth, predicted, classes, positive, weights).F1);
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
        Add(MetricNames.RocAuc, weights =>
        {
            double sum = 0;
            foreach ((bool[] isPositive, double[] scores, int[] order) in sorted)
            {
                sum += WeightedMetrics.RocAuc(isPositive, scores, order, weights) ?? double.NaN;
            }

            return double.IsNaN(sum) ? null : sum / sorted.Length;
        });
    }

    public double? Compute(string name, int[] weights) => _metrics[name](weights);

    private void Add(string name, Func<int[], double?> metric)
    {
        _metrics[name] = metric;
        _toWhole?.Invoke(name, metric);
    }
}
