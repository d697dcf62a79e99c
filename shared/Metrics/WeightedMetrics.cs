namespace Modeldrop.Metrics;

/// <summary>The metrics over rows with integer weights, as needed for resamples.</summary>
/// <remarks>
/// With every weight 1, each equals its counterpart in <see cref="ClassificationMetrics"/> or <see cref="RegressionMetrics"/>.
/// </remarks>
internal static class WeightedMetrics
{
    /// <summary>Mean of one value per row; null without rows, or with a NaN.</summary>
    public static double? Mean(ReadOnlySpan<double> values, ReadOnlySpan<int> weights)
    {
        double sum = 0;
        long rows = 0;
        for (int row = 0; row < values.Length; row++)
        {
            sum += weights[row] == 0 ? 0 : weights[row] * values[row];
            rows += weights[row];
        }

        return rows == 0 || double.IsNaN(sum) ? null : sum / rows;
    }

    public static double? CalibrationError(ReadOnlySpan<bool> isPositive, ReadOnlySpan<double> scores, ReadOnlySpan<int> weights)
    {
        const int Bins = 10;
        Span<double> gaps = stackalloc double[Bins];
        gaps.Clear();
        long rows = 0;
        for (int row = 0; row < scores.Length; row++)
        {
            if (double.IsNaN(scores[row]))
            {
                return null;
            }

            gaps[Math.Clamp((int)(scores[row] * Bins), 0, Bins - 1)] += weights[row] * (scores[row] - (isPositive[row] ? 1 : 0));
            rows += weights[row];
        }

        double sum = 0;
        foreach (double gap in gaps)
        {
            sum += Math.Abs(gap);
        }

        return rows == 0 ? null : sum / rows;
    }

    public static double? RSquared(ReadOnlySpan<double> truth, ReadOnlySpan<double> squaredErrors, ReadOnlySpan<int> weights)
    {
        if (Mean(truth, weights) is not { } mean || Mean(squaredErrors, weights) is not { } errors)
        {
            return null;
        }

        double total = 0;
        long rows = 0;
        for (int row = 0; row < truth.Length; row++)
        {
            total += weights[row] * (truth[row] - mean) * (truth[row] - mean);
            rows += weights[row];
        }

        return total == 0 ? (errors == 0 ? 1 : 0) : 1 - (errors * rows / total);
    }

    /// <param name="order">Rows by ascending score.</param>
    public static double? RocAuc(
        ReadOnlySpan<bool> isPositive, ReadOnlySpan<double> scores, ReadOnlySpan<int> order, ReadOnlySpan<int> weights)
    {
        // Number of pairs of a positive and a negative row in the right order, ties counted half.
        double pairs = 0;
        double negativesBelow = 0;
        double positives = 0;
        for (int start = 0, end; start < order.Length; start = end)
        {
            double tiedPositives = 0;
            double tiedNegatives = 0;
            for (end = start; end < order.Length && scores[order[end]].Equals(scores[order[start]]); end++)
            {
                int row = order[end];
                tiedPositives += isPositive[row] ? weights[row] : 0;
                tiedNegatives += isPositive[row] ? 0 : weights[row];
            }

            pairs += tiedPositives * (negativesBelow + (tiedNegatives / 2));
            negativesBelow += tiedNegatives;
            positives += tiedPositives;
        }

        return positives == 0 || negativesBelow == 0 ? null : pairs / (positives * negativesBelow);
    }

    /// <param name="positive">Null: the mean over the classes.</param>
    public static (double? Precision, double? Recall, double? F1) PrecisionRecall(
        ReadOnlySpan<int> truth, ReadOnlySpan<int> predicted, int classes, int? positive, ReadOnlySpan<int> weights)
    {
        var hits = new double[classes];
        var predictedCount = new double[classes];
        var trueCount = new double[classes];
        for (int row = 0; row < truth.Length; row++)
        {
            trueCount[truth[row]] += weights[row];
            predictedCount[predicted[row]] += weights[row];
            hits[truth[row]] += truth[row] == predicted[row] ? weights[row] : 0;
        }

        return ClassificationMetrics.PrecisionRecall(hits, predictedCount, trueCount, positive);
    }
}
