using MathNet.Numerics.Distributions;
using Modeldrop.Metrics;
using Modeldrop.Monitoring.Statistics;

namespace Modeldrop.Lifecycle.Rollouts;

/// <summary>Compares how often two versions were right, each on its own share of the same traffic.</summary>
/// <remarks>
/// <list type="bullet">
/// <item><c>accuracy</c>, of classifiers: share of answers that equal the label; Fisher's exact test. A drop of
/// <see cref="MaxAccuracyDrop"/> is allowed.</item>
/// <item><c>roc_auc</c>, of classifiers with the probabilities of two classes, because accuracy shows little if one class is rare. z-test
/// of two independent areas with the standard errors of Hanley and McNeil (1982). A drop of <see cref="MaxRocAucDrop"/> is allowed.</item>
/// <item><c>mae</c>, of regressions: mean absolute error; Welch's z-test. An increase of <see cref="MaxErrorIncrease"/> of the champion's
/// is allowed.</item>
/// </list>
/// Assumes that rows are independent, and that labels arrive alike for both versions.
/// </remarks>
public static class FeedbackComparison
{
    /// <summary>Most figures of a comparison: the gate divides its rate of false alarms among them.</summary>
    public const int MaxFigures = 2;

    public const double MaxAccuracyDrop = 0.02;

    public const double MaxRocAucDrop = 0.02;

    public const double MaxErrorIncrease = 0.05;

    /// <summary>Each row is judged by its own version (<see cref="RowAnswers.Judge"/>).</summary>
    public static IReadOnlyList<FeedbackDrop> Compare(IReadOnlyList<JudgedRow> champion, IReadOnlyList<JudgedRow> candidate)
    {
        if (Errors(champion) is { } theirs && Errors(candidate) is { } ours)
        {
            return [OfErrors(theirs, ours)];
        }

        bool[] championRight = [.. champion.Select(one => one.IsRight).OfType<bool>()];
        bool[] candidateRight = [.. candidate.Select(one => one.IsRight).OfType<bool>()];
        List<FeedbackDrop> drops = championRight.Length > 0 && candidateRight.Length > 0 ? [OfAnswers(championRight, candidateRight)] : [];
        if (Area(champion) is { } before && Area(candidate) is { } after)
        {
            drops.Add(new FeedbackDrop(
                MetricNames.RocAuc, champion.Count, candidate.Count, before.Area, after.Area, before.Area - after.Area, MaxRocAucDrop,
                Tail(before.Area - after.Area, before.Error, after.Error)));
        }

        return drops;
    }

    private static FeedbackDrop OfAnswers(bool[] champion, bool[] candidate)
    {
        int theirs = champion.Count(one => one);
        int ours = candidate.Count(one => one);
        (double before, double after) = ((double)theirs / champion.Length, (double)ours / candidate.Length);
        return new FeedbackDrop(MetricNames.Accuracy, champion.Length, candidate.Length, before, after, before - after, MaxAccuracyDrop,
            FisherTail.Of(champion.Length - theirs, champion.Length, candidate.Length - ours, candidate.Length));
    }

    private static (double Area, double Error)? Area(IReadOnlyList<JudgedRow> answers)
    {
        JudgedRow[] known = [.. answers.Where(one => one.IsPositive is not null)];
        bool[] isPositive = [.. known.Select(one => one.IsPositive!.Value)];
        if (ClassificationMetrics.RocAuc(isPositive, [.. known.Select(one => one.Score!.Value)]) is not { } area)
        {
            return null;
        }

        double positives = isPositive.Count(one => one);
        double negatives = isPositive.Length - positives;
        double aboveTwo = area / (2 - area);
        double twoAbove = 2 * area * area / (1 + area);
        double variance = (
            (area * (1 - area)) + (
                (positives - 1) * (aboveTwo - (area * area))) + ((negatives - 1) * (twoAbove - (area * area)))) / (positives * negatives);
        return (area, Math.Sqrt(Math.Max(0, variance)));
    }

    private static (double Mean, double Error, int Rows)? Errors(IReadOnlyList<JudgedRow> answers)
    {
        double[] errors = [.. answers.Select(one => one.Error).OfType<double>()];
        if (errors.Length < 2)
        {
            return null;
        }

        double mean = errors.Average();
        return (mean, Math.Sqrt(errors.Sum(error => (error - mean) * (error - mean)) / (errors.Length - 1) / errors.Length), errors.Length);
    }

    private static FeedbackDrop OfErrors((double Mean, double Error, int Rows) theirs, (double Mean, double Error, int Rows) ours) => new(
        MetricNames.Mae, theirs.Rows, ours.Rows, theirs.Mean, ours.Mean, ours.Mean - theirs.Mean, MaxErrorIncrease * theirs.Mean, Tail(
            ours.Mean - theirs.Mean, theirs.Error, ours.Error));

    private static double Tail(double drop, double error, double other)
    {
        double together = Math.Sqrt((error * error) + (other * other));
        return double.IsNaN(drop) ? 0 : together == 0 ? (drop > 0 ? 0 : 1) : Normal.CDF(0, 1, -drop / together);
    }
}
