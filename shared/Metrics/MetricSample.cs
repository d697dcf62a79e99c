namespace Modeldrop.Metrics;

/// <summary>Labelled rows and a model's answers, prepared for repeated weighting.</summary>
/// <param name="rows">Number of rows; each has a weight when a metric is computed.</param>
internal sealed class MetricSample(int rows)
{
    private readonly SortedDictionary<string, Func<int[], double?>> _metrics = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MetricEvidence> _evidence = new(StringComparer.Ordinal);
    private Action<string, Func<int[], double?>, MetricEvidence?>? _toWhole;

    public int Rows => rows;

    /// <summary>How many times slower than a metric of one label the slowest metric is.</summary>
    public int Cost { get; private set; } = 1;

    public IEnumerable<string> Names => _metrics.Keys;

    /// <summary>Takes some of the rows. Metrics added to the result are part of this sample too.</summary>
    public MetricSample Among(int[] some) => some.Length == rows ? this : new MetricSample(some.Length)
    {
        _toWhole = (name, metric, evidence) => Add(name, weights => metric([.. some.Select(row => weights[row])]), evidence),
    };

    /// <summary>The evidence for a metric, with each row counted once; null: it needs resampling.</summary>
    public MetricEvidence? EvidenceOf(string name) => _evidence.GetValueOrDefault(name);

    /// <summary>Adds a mean of one value per row.</summary>
    public void AddMean(string name, double[] values) =>
        Add(name, weights => WeightedMetrics.Mean(values, weights), MetricEvidence.Mean(values));

    /// <summary>Adds the root of a mean of one value per row.</summary>
    public void AddRootMean(string name, double[] values) =>
        Add(name, weights => WeightedMetrics.Mean(values, weights) is { } mean ? Math.Sqrt(mean) : null, MetricEvidence.RootMean(values));

    /// <summary>Adds the share of rows that are cases.</summary>
    public void AddShare(string name, bool[] isCase)
    {
        double[] values = [.. isCase.Select(one => one ? 1.0 : 0.0)];
        Add(name, weights => WeightedMetrics.Mean(values, weights), MetricEvidence.Share(isCase.Count(one => one), isCase.Length));
    }

    public void AddCalibrationError(bool[] isPositive, double[] scores) =>
        Add(MetricNames.CalibrationError, weights => WeightedMetrics.CalibrationError(isPositive, scores, weights));

    public void AddRSquared(double[] truth, double[] squaredErrors) =>
        Add(MetricNames.R2, weights => WeightedMetrics.RSquared(truth, squaredErrors, weights));

    /// <summary>Adds the mean of a metric over samples of the same rows; null when one of them has no value.</summary>
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
        int hits = truth.Where((one, row) => one == positive && predicted[row] == positive).Count();
        int ofClass = truth.Count(one => one == positive);
        int answered = predicted.Count(one => one == positive);
        MetricEvidence? Evidence(MetricEvidence? ofPositive) => positive is null ? null : ofPositive;
        Add(MetricNames.Precision, weights => WeightedMetrics.PrecisionRecall(truth, predicted, classes, positive, weights).Precision,
            Evidence(MetricEvidence.Share(hits, answered)));
        Add(MetricNames.Recall, weights => WeightedMetrics.PrecisionRecall(truth, predicted, classes, positive, weights).Recall,
            Evidence(MetricEvidence.Share(hits, ofClass)));
        Add(MetricNames.F1, weights => WeightedMetrics.PrecisionRecall(truth, predicted, classes, positive, weights).F1,
            Evidence(MetricEvidence.Overlap(hits, ofClass + answered - hits)));
    }

    /// <param name="classes">For each class that counts, the positive rows and the scores; the metric is the mean of the areas.</param>
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
        }, classes is [var only] ? MetricEvidence.Area(ClassificationMetrics.RocAuc(only.IsPositive, only.Scores), only.IsPositive) : null);
    }

    public double? Compute(string name, int[] weights) => _metrics[name](weights);

    private void Add(string name, Func<int[], double?> metric, MetricEvidence? evidence = null)
    {
        _metrics[name] = metric;
        if (evidence is not null)
        {
            _evidence[name] = evidence;
        }

        _toWhole?.Invoke(name, metric, evidence);
    }
}
