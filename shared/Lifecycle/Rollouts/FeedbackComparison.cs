using System.Globalization;
using MathNet.Numerics.Distributions;
using Modeldrop.Metrics;
using Modeldrop.Monitoring.Drift;

namespace Modeldrop.Lifecycle.Rollouts;

/// <summary>An answer of which it is known what was true.</summary>
public sealed record LabelledAnswer(RowAnswer Answer, string Label);

/// <summary>Compares how right two versions were, each on its own share of the same traffic.</summary>
/// <remarks>
/// <list type="bullet">
/// <item><c>accuracy</c>, of classifiers: share of answers that are the label; Fisher's exact test. A drop of <see cref="MaxAccuracyDrop"/> is allowed.</item>
/// <item><c>roc_auc</c>, of classifiers with the probabilities of two classes: where one class is rare, accuracy sees little. z-test of two independent areas with the standard
/// errors of Hanley and McNeil (1982). A drop of <see cref="MaxRocAucDrop"/> is allowed.</item>
/// <item><c>mae</c>, of regressions: mean absolute error; Welch's z-test. An increase of <see cref="MaxErrorIncrease"/> of the champion's is allowed.</item>
/// </list>
/// Rows are taken as independent, and labels as coming alike for both.
/// </remarks>
public static class FeedbackComparison
{
    /// <summary>Figures that a comparison has at most: the gate shares its false alarms among them.</summary>
    public const int MaxFigures = 2;

    public const double MaxAccuracyDrop = 0.02;

    public const double MaxRocAucDrop = 0.02;

    public const double MaxErrorIncrease = 0.05;

    /// <param name="classes">In the order of the probabilities; null: they are called by their index.</param>
    public static IReadOnlyList<FeedbackDrop> Compare(IReadOnlyList<LabelledAnswer> champion, IReadOnlyList<LabelledAnswer> candidate, IReadOnlyList<string>? classes)
    {
        if (champion.Count == 0 || candidate.Count == 0)
        {
            return [];
        }

        if (champion[0].Answer.Value is not null && candidate[0].Answer.Value is not null)
        {
            return Errors(champion) is { } theirs && Errors(candidate) is { } ours ? [OfErrors(theirs, ours)] : [];
        }

        var labels = new ClassLabels(classes ?? [.. Enumerable.Range(0, champion[0].Answer.Probabilities?.Length ?? 0).Select(index => index.ToString(CultureInfo.InvariantCulture))]);
        List<FeedbackDrop> drops = [OfAnswers(champion, candidate, labels)];
        if (labels.Names.Count == 2 && Area(champion, labels) is { } before && Area(candidate, labels) is { } after)
        {
            drops.Add(new FeedbackDrop(
                MetricNames.RocAuc, champion.Count, candidate.Count, before.Area, after.Area, before.Area - after.Area, MaxRocAucDrop,
                Tail(before.Area - after.Area, before.Error, after.Error)));
        }

        return drops;
    }

    private static FeedbackDrop OfAnswers(IReadOnlyList<LabelledAnswer> champion, IReadOnlyList<LabelledAnswer> candidate, ClassLabels labels)
    {
        int theirs = champion.Count(one => IsRight(one, labels));
        int ours = candidate.Count(one => IsRight(one, labels));
        (double before, double after) = ((double)theirs / champion.Count, (double)ours / candidate.Count);
        return new FeedbackDrop(MetricNames.Accuracy, champion.Count, candidate.Count, before, after, before - after, MaxAccuracyDrop,
            FisherTail.Of(champion.Count - theirs, champion.Count, candidate.Count - ours, candidate.Count));
    }

    private static bool IsRight(LabelledAnswer one, ClassLabels labels) => one.Answer.Class is { } named
        && (labels.Find(named) is { } index ? labels.Find(one.Label) == index : named == one.Label);

    private static (double Area, double Error)? Area(IReadOnlyList<LabelledAnswer> answers, ClassLabels labels)
    {
        LabelledAnswer[] known = [.. answers.Where(one => one.Answer.Probabilities is [_, _] && labels.Find(one.Label) is not null)];
        bool[] isPositive = [.. known.Select(one => labels.Find(one.Label) == 1)];
        if (ClassificationMetrics.RocAuc(isPositive, [.. known.Select(one => one.Answer.Probabilities![1])]) is not { } area)
        {
            return null;
        }

        double positives = isPositive.Count(one => one);
        double negatives = isPositive.Length - positives;
        double aboveTwo = area / (2 - area);
        double twoAbove = 2 * area * area / (1 + area);
        double variance = ((area * (1 - area)) + ((positives - 1) * (aboveTwo - (area * area))) + ((negatives - 1) * (twoAbove - (area * area)))) / (positives * negatives);
        return (area, Math.Sqrt(Math.Max(0, variance)));
    }

    private static (double Mean, double Error, int Rows)? Errors(IReadOnlyList<LabelledAnswer> answers)
    {
        double[] errors = [.. answers
            .Where(one => double.TryParse(one.Label, NumberStyles.Float, CultureInfo.InvariantCulture, out _))
            .Select(one => Math.Abs(one.Answer.Value!.Value - double.Parse(one.Label, CultureInfo.InvariantCulture)))];
        if (errors.Length < 2)
        {
            return null;
        }

        double mean = errors.Average();
        return (mean, Math.Sqrt(errors.Sum(error => (error - mean) * (error - mean)) / (errors.Length - 1) / errors.Length), errors.Length);
    }

    private static FeedbackDrop OfErrors((double Mean, double Error, int Rows) theirs, (double Mean, double Error, int Rows) ours) => new(
        MetricNames.Mae, theirs.Rows, ours.Rows, theirs.Mean, ours.Mean, ours.Mean - theirs.Mean, MaxErrorIncrease * theirs.Mean, Tail(ours.Mean - theirs.Mean, theirs.Error, ours.Error));

    private static double Tail(double drop, double error, double other)
    {
        double together = Math.Sqrt((error * error) + (other * other));
        return double.IsNaN(drop) ? 0 : together == 0 ? (drop > 0 ? 0 : 1) : Normal.CDF(0, 1, -drop / together);
    }
}
