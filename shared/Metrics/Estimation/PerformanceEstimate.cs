namespace Modeldrop.Metrics.Estimation;

/// <summary>The expected performance of a classifier on rows whose truth is unknown (CBPE).</summary>
/// <param name="Values">By metric: accuracy, precision, recall, F1, ROC AUC.</param>
/// <param name="Bands">
/// 95 % intervals of the metrics if the truth became known: random variation of the labels, and uncertainty of the calibration.
/// </param>
public sealed record PerformanceEstimate(
    int Rows, IReadOnlyDictionary<string, double> Values, IReadOnlyDictionary<string, MetricInterval> Bands)
{
    private const int Draws = 200;
    private const double Tail = 0.025;

    /// <remarks>
    /// Source: Kivimäki et al., Performance estimation in binary classification using calibrated confidence (2025); the confidence-based
    /// estimates of Garg et al. (2022). With calibrated probabilities, each row adds its expected part to the confusion matrix, and to the
    /// pairs of the ROC AUC. Valid as long as rows with a given score are true as often as at validation (no concept drift), however the
    /// mix of scores changes. With more than two classes: means over the classes, as <see cref="ClassificationMetrics"/>.
    /// </remarks>
    public static PerformanceEstimate? Of(ClassifiedRows rows, CalibrationMap map, int seed)
    {
        if (rows.Rows == 0
                || rows.Width != map.Classes.Count
                || Array.Exists(rows.Probabilities, double.IsNaN)
                || Array.Exists(rows.Predicted, index => index < 0))
        {
            return null;
        }

        double[][] orderings = [.. (rows.Positive is { } positive ? [positive] : Enumerable.Range(0, rows.Width))
            .Select(index => Enumerable.Range(0, rows.Rows).Select(row => rows.Probabilities[(row * rows.Width) + index]).ToArray())];
        int[][] orders = [.. orderings.Select(scores =>
        {
            int[] order = [.. Enumerable.Range(0, scores.Length)];
            Array.Sort([.. scores], order);
            return order;
        })];
        Dictionary<string, double> values = Expected(
            rows, CalibrationMap.Apply(map.Curves, rows.Probabilities, rows.Width), orderings, orders);

        // Simulates possible outcomes: random labels, from one of the fits that the validation data allow.
        var random = new Random(seed);
        double[][] calibrated = [.. map.Resampled.Select(curves => CalibrationMap.Apply(curves, rows.Probabilities, rows.Width))];
        Dictionary<string, List<double>> drawn = values.Keys.ToDictionary(name => name, _ => new List<double>());
        double[] labels = new double[rows.Probabilities.Length];
        for (int draw = 0; draw < Draws; draw++)
        {
            Draw(random, calibrated[draw % calibrated.Length], labels, rows.Width);
            foreach ((string name, double value) in Expected(rows, labels, orderings, orders))
            {
                drawn.GetValueOrDefault(name)?.Add(value);
            }
        }

        return new PerformanceEstimate(
            rows.Rows, values,
            drawn.Where(pair => pair.Value.Count == Draws).ToDictionary(pair => pair.Key, pair => IntervalOf(pair.Value)));

        static MetricInterval IntervalOf(List<double> draws)
        {
            draws.Sort();
            return new MetricInterval(draws[(int)(Tail * (Draws - 1))], draws[(int)Math.Ceiling((1 - Tail) * (Draws - 1))]);
        }
    }

    private static void Draw(Random random, double[] probabilities, double[] labels, int width)
    {
        Array.Clear(labels);
        for (int start = 0; start < labels.Length; start += width)
        {
            double point = random.NextDouble();
            int index = 0;
            while (index < width - 1 && (point -= probabilities[start + index]) >= 0)
            {
                index++;
            }

            labels[start + index] = 1;
        }
    }

    /// <param name="weights">Weight of each class in a row; row-major, each row sums to 1.</param>
    private static Dictionary<string, double> Expected(ClassifiedRows rows, double[] weights, double[][] scores, int[][] orders)
    {
        int width = rows.Width;
        double[] hits = new double[width];
        double[] predicted = new double[width];
        double[] trueCount = new double[width];
        for (int row = 0; row < rows.Rows; row++)
        {
            int named = rows.Predicted[row];
            predicted[named]++;
            hits[named] += weights[(row * width) + named];
            for (int index = 0; index < width; index++)
            {
                trueCount[index] += weights[(row * width) + index];
            }
        }

        (double? precision, double? recall, double? f1) = ClassificationMetrics.PrecisionRecall(hits, predicted, trueCount, rows.Positive);
        Dictionary<string, double> values = new(StringComparer.Ordinal) { [MetricNames.Accuracy] = hits.Sum() / rows.Rows };
        foreach ((string name, double? value) in new[] { (MetricNames.Precision, precision), (MetricNames.Recall, recall),
            (MetricNames.F1, f1) })
        {
            if (value is { } known)
            {
                values[name] = known;
            }
        }

        double areas = 0;
        for (int one = 0; one < orders.Length; one++)
        {
            areas += Area(weights, width, rows.Positive ?? one, scores[one], orders[one]);
        }

        if (!double.IsNaN(areas))
        {
            values[MetricNames.RocAuc] = areas / orders.Length;
        }

        return values;
    }

    /// <summary>Share of pairs of a true and a false part in the right order, ties counted half; NaN if either is missing.</summary>
    private static double Area(double[] weights, int width, int index, double[] scores, int[] order)
    {
        double pairs = 0;
        double below = 0;
        double positives = 0;
        for (int start = 0, end; start < order.Length; start = end)
        {
            double tied = 0;
            double tiedBelow = 0;
            for (end = start; end < order.Length && scores[order[end]].Equals(scores[order[start]]); end++)
            {
                double weight = weights[(order[end] * width) + index];
                tied += weight;
                tiedBelow += 1 - weight;
            }

            pairs += tied * (below + (tiedBelow / 2));
            below += tiedBelow;
            positives += tied;
        }

        return pairs / (positives * below);
    }
}
