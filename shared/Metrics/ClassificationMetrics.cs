namespace Modeldrop.Metrics;

/// <summary>Metrics of a classifier, as scikit-learn's <c>sklearn.metrics</c> defines them.</summary>
/// <remarks>
/// The true and the predicted classes are indexes from 0; probabilities are row-major <c>[rows, classes]</c>.
/// Checked against scikit-learn 1.2.1 on literal vectors. A metric that is not defined for the data is null.
/// </remarks>
public static class ClassificationMetrics
{
    /// <summary>
    /// <b>Accuracy</b>: share of rows whose predicted class is the true one. 0 to 1, higher is better. <c>accuracy_score</c>.
    /// </summary>
    public static double? Accuracy(ReadOnlySpan<int> truth, ReadOnlySpan<int> predicted)
    {
        int right = 0;
        for (int row = 0; row < truth.Length; row++)
        {
            right += truth[row] == predicted[row] ? 1 : 0;
        }

        return truth.Length == 0 ? null : (double)right / truth.Length;
    }

    /// <summary>
    /// <b>Log loss</b>: mean of −ln p(true class). From 0, lower is better. <c>log_loss</c>: probabilities are clipped to
    /// [ε, 1 − ε] with ε = 2⁻⁵² (the double's), then divided by their sum in the row.
    /// </summary>
    public static double? LogLoss(ReadOnlySpan<int> truth, ReadOnlySpan<double> probabilities, int classes)
    {
        double sum = LogLosses(truth, probabilities, classes).Sum();
        return truth.Length == 0 || double.IsNaN(sum) ? null : sum / truth.Length;
    }

    /// <summary>The log loss of each row.</summary>
    internal static double[] LogLosses(ReadOnlySpan<int> truth, ReadOnlySpan<double> probabilities, int classes)
    {
        const double Epsilon = 2.220446049250313e-16;
        var losses = new double[truth.Length];
        for (int row = 0; row < truth.Length; row++)
        {
            double total = 0;
            foreach (double probability in probabilities.Slice(row * classes, classes))
            {
                total += Math.Clamp(probability, Epsilon, 1 - Epsilon);
            }

            losses[row] = -Math.Log(Math.Clamp(probabilities[(row * classes) + truth[row]], Epsilon, 1 - Epsilon) / total);
        }

        return losses;
    }

    /// <summary>
    /// <b>ROC AUC</b>: the probability that a random positive row scores above a random negative one, ties counted half
    /// (the Mann-Whitney statistic; equals the trapezoid area of <c>roc_auc_score</c>). 0 to 1, higher is better; 0.5 is chance.
    /// </summary>
    /// <returns>Null when one of the two classes has no rows, or a score is NaN.</returns>
    public static double? RocAuc(ReadOnlySpan<bool> isPositive, ReadOnlySpan<double> scores)
    {
        double[] keys = scores.ToArray();
        bool[] positives = isPositive.ToArray();
        if (keys.Any(double.IsNaN))
        {
            return null;
        }

        Array.Sort(keys, positives);
        double positive = positives.Count(value => value);
        double negative = positives.Length - positive;
        double rankSum = 0;
        for (int start = 0, end; start < keys.Length; start = end)
        {
            int tied = 0;
            for (end = start; end < keys.Length && keys[end] == keys[start]; end++)
            {
                tied += positives[end] ? 1 : 0;
            }

            // Ranks start at 1; tied rows share the mean of their ranks.
            rankSum += tied * ((start + 1 + end) / 2.0);
        }

        return positive == 0 || negative == 0 ? null : (rankSum - (positive * (positive + 1) / 2)) / (positive * negative);
    }

    /// <summary>
    /// <b>ROC AUC of several classes</b>: each class against the rest by its probability, unweighted mean.
    /// <c>roc_auc_score(multi_class="ovr", average="macro")</c>.
    /// </summary>
    /// <returns>Null when a class has no rows; scikit-learn rejects that too.</returns>
    public static double? RocAucOneVersusRest(ReadOnlySpan<int> truth, ReadOnlySpan<double> probabilities, int classes)
    {
        double sum = 0;
        var isPositive = new bool[truth.Length];
        var scores = new double[truth.Length];
        for (int positive = 0; positive < classes; positive++)
        {
            for (int row = 0; row < truth.Length; row++)
            {
                isPositive[row] = truth[row] == positive;
                scores[row] = probabilities[(row * classes) + positive];
            }

            if (RocAuc(isPositive, scores) is not { } area)
            {
                return null;
            }

            sum += area;
        }

        return sum / classes;
    }

    /// <summary>
    /// <b>Precision, recall and F1</b>: of the positive class if there is one, otherwise the unweighted mean over the classes (macro). 0 to
    /// 1, higher is better. <c>precision_recall_fscore_support</c>. Within a mean over classes, 0/0 counts as 0, as with
    /// <c>zero_division=0</c>.
    /// </summary>
    /// <param name="positive">Null: macro.</param>
    /// <returns>Null when the divisor is 0: precision if no row is predicted positive, recall if no row is positive, F1 if both.</returns>
    public static (double? Precision, double? Recall, double? F1) PrecisionRecall(
        ReadOnlySpan<int> truth, ReadOnlySpan<int> predicted, int classes, int? positive)
    {
        var hits = new double[classes];
        var predictedCount = new double[classes];
        var trueCount = new double[classes];
        for (int row = 0; row < truth.Length; row++)
        {
            trueCount[truth[row]]++;
            predictedCount[predicted[row]]++;
            hits[truth[row]] += truth[row] == predicted[row] ? 1 : 0;
        }

        return PrecisionRecall(hits, predictedCount, trueCount, positive);
    }

    /// <summary>Computes the same metrics from counts by class.</summary>
    internal static (double? Precision, double? Recall, double? F1) PrecisionRecall(
        ReadOnlySpan<double> hits, ReadOnlySpan<double> predictedCount, ReadOnlySpan<double> trueCount, int? positive)
    {
        double precisions = 0;
        double recalls = 0;
        double scores = 0;
        int counted = 0;
        for (int index = 0; index < hits.Length; index++)
        {
            if ((positive is { } only && index != only) || (trueCount[index] == 0 && predictedCount[index] == 0))
            {
                continue;
            }

            double precision = predictedCount[index] == 0 ? 0 : hits[index] / predictedCount[index];
            double recall = trueCount[index] == 0 ? 0 : hits[index] / trueCount[index];
            precisions += precision;
            recalls += recall;
            scores += precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall);
            counted++;
        }

        if (counted == 0)
        {
            return (null, null, null);
        }

        bool isPredicted = positive is not { } one || predictedCount[one] > 0;
        bool isThere = positive is not { } same || trueCount[same] > 0;
        return (isPredicted ? precisions / counted : null, isThere ? recalls / counted : null, scores / counted);
    }

    /// <summary>
    /// <b>Expected calibration error</b> of two classes: over ten bins of p(positive), [0, 0.1), [0.1, 0.2) … [0.9, 1], the mean by rows of
    /// |mean p − share of positives|. 0 to 1, lower is better. Source: Naeini, Cooper and Hauskrecht, Obtaining well calibrated
    /// probabilities using Bayesian binning (2015).
    /// </summary>
    public static double? CalibrationError(ReadOnlySpan<bool> isPositive, ReadOnlySpan<double> scores)
    {
        int[] weights = new int[scores.Length];
        Array.Fill(weights, 1);
        return WeightedMetrics.CalibrationError(isPositive, scores, weights);
    }

    /// <summary>
    /// <b>Brier score</b> of two classes: mean of (p(positive) − 1 or 0)². 0 to 1, lower is better. <c>brier_score_loss</c>.
    /// </summary>
    public static double? Brier(ReadOnlySpan<bool> isPositive, ReadOnlySpan<double> scores)
    {
        double sum = 0;
        for (int row = 0; row < scores.Length; row++)
        {
            double error = scores[row] - (isPositive[row] ? 1 : 0);
            sum += error * error;
        }

        return scores.Length == 0 || double.IsNaN(sum) ? null : sum / scores.Length;
    }
}
