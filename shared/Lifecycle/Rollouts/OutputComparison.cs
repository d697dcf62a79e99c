using System.Globalization;
using MathNet.Numerics.Distributions;
using Modeldrop.Metrics;

namespace Modeldrop.Lifecycle.Rollouts;

/// <summary>Compares the answers of two versions to different requests of the same traffic.</summary>
/// <remarks>
/// <list type="bullet">
/// <item>Classifiers, <c>answers</c>: total variation ½ Σ |p − q| over the shares of the classes; p-value of Pearson's chi-squared test
/// (<see cref="Modeldrop.Monitoring.Statistics.ChiSquared"/>).</item>
/// <item>Classifiers with probabilities, <c>probabilities</c>: total variation over the mean probability of each class, which also shows a
/// shift within one class; p-value: the smallest of Welch's z-tests of the means, times their number (Bonferroni).</item>
/// <item>Regressions, <c>answers</c>: total variation over ten bins between the deciles of both versions' pooled values; chi-squared
/// test.</item>
/// </list>
/// Total variation lies between 0 (equal) and 1 (nothing in common) and is symmetric. Assumes that rows are independent.
/// </remarks>
public static class OutputComparison
{
    private const int Bins = 10;

    /// <returns>Empty when one side has no row.</returns>
    public static IReadOnlyList<OutputShift> Compare(IReadOnlyList<RowAnswer> champion, IReadOnlyList<RowAnswer> candidate)
    {
        if (champion.Count == 0 || candidate.Count == 0)
        {
            return [];
        }

        if (champion[0].Value is not null && candidate[0].Value is not null)
        {
            return [Shift("answers", champion, candidate, OfValues(champion, candidate))];
        }

        List<OutputShift> shifts = [Shift("answers", champion, candidate, OfClasses(champion, candidate))];
        if (champion[0].Probabilities is { } ours && candidate[0].Probabilities is { } theirs && ours.Length == theirs.Length)
        {
            shifts.Add(OfProbabilities(champion, candidate, ours.Length));
        }

        return shifts;
    }

    private static OutputShift Shift(
        string name, IReadOnlyList<RowAnswer> champion, IReadOnlyList<RowAnswer> candidate, (long[] Champion, long[] Candidate) counts)
    {
        double distance = 0;
        for (int bin = 0; bin < counts.Champion.Length; bin++)
        {
            distance += Math.Abs(((double)counts.Champion[bin] / champion.Count) - ((double)counts.Candidate[bin] / candidate.Count)) / 2;
        }

        double pValue = Monitoring.Statistics.ChiSquared.Test(counts.Champion, counts.Candidate).PValue;
        return new OutputShift(name, champion.Count, candidate.Count, distance, pValue);
    }

    private static (long[] Champion, long[] Candidate) OfClasses(IReadOnlyList<RowAnswer> champion, IReadOnlyList<RowAnswer> candidate)
    {
        string[] classes = [.. champion.Concat(candidate).Select(ClassOf).Distinct().Order(StringComparer.Ordinal)];
        return (Counted(champion), Counted(candidate));

        long[] Counted(IReadOnlyList<RowAnswer> answers)
        {
            var counts = new long[classes.Length];
            foreach (RowAnswer answer in answers)
            {
                counts[Array.IndexOf(classes, ClassOf(answer))]++;
            }

            return counts;
        }
    }

    private static string ClassOf(RowAnswer answer) => answer.Class ?? answer.Value?.ToString("R", CultureInfo.InvariantCulture) ?? "";

    private static (long[] Champion, long[] Candidate) OfValues(IReadOnlyList<RowAnswer> champion, IReadOnlyList<RowAnswer> candidate)
    {
        // NaN sorts before all numbers and gets the first bin for itself, so an answer of NaN counts as moved.
        double[] pooled = [.. champion.Concat(candidate).Select(answer => answer.Value!.Value).Order()];
        double[] edges = [
            double.NegativeInfinity,
            .. Enumerable.Range(1, Bins - 1).Select(decile => pooled[pooled.Length * decile / Bins]).Where(double.IsFinite).Distinct()
        ];
        return (Counted(champion), Counted(candidate));

        long[] Counted(IReadOnlyList<RowAnswer> answers)
        {
            var counts = new long[edges.Length + 1];
            foreach (RowAnswer answer in answers)
            {
                double value = answer.Value!.Value;
                counts[double.IsNaN(value) ? 0 : edges.Count(edge => value >= edge)]++;
            }

            return counts;
        }
    }

    private static OutputShift OfProbabilities(IReadOnlyList<RowAnswer> champion, IReadOnlyList<RowAnswer> candidate, int classes)
    {
        double distance = 0;
        double least = 1;
        for (int index = 0; index < classes; index++)
        {
            (double ourMean, double ourError) = MeanOf(champion, index);
            (double theirMean, double theirError) = MeanOf(candidate, index);
            double difference = Math.Abs(ourMean - theirMean);
            double error = Math.Sqrt((ourError * ourError) + (theirError * theirError));
            // A NaN among the probabilities makes the mean NaN: the largest possible distance.
            distance += double.IsNaN(difference) ? 1 : difference / 2;
            double p = double.IsNaN(difference) || (error == 0 && difference > 0)
                ? 0
                : error == 0
                ? 1
                : 2 * Normal.CDF(0, 1, -difference / error);
            least = Math.Min(least, p);
        }

        return new OutputShift("probabilities", champion.Count, candidate.Count, Math.Min(1, distance), Math.Min(1, least * classes));
    }

    /// <summary>Returns the mean and its standard error.</summary>
    private static (double Mean, double Error) MeanOf(IReadOnlyList<RowAnswer> answers, int index)
    {
        double mean = answers.Average(answer => answer.Probabilities![index]);
        double squares = answers.Sum(answer => Math.Pow(answer.Probabilities![index] - mean, 2));
        return (mean, Math.Sqrt(squares / Math.Max(1, answers.Count - 1) / answers.Count));
    }
}
