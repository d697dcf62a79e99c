using MathNet.Numerics.Distributions;

namespace Modeldrop.Metrics.TwoSample;

/// <summary>A feature that distinguishes the samples.</summary>
/// <param name="Loss">Decrease of the area under the curve when the feature's values are shuffled among the held-out rows.</param>
public sealed record TellingFeature(string Name, double Loss);

/// <summary>Whether a classifier can distinguish two samples, on rows that it has not seen.</summary>
/// <param name="Auc">Area under the curve on the held-out rows: 0.5, no difference; 1, every row is recognised.</param>
/// <param name="Low">Lower end of the 95 % interval (DeLong).</param>
/// <param name="PValue">Chance of an area this large when both samples have the same distribution.</param>
/// <param name="Features">
/// The features that matter, most important first. If two changed together, shuffling either has a smaller effect.
/// </param>
public sealed record TwoSampleResult(
    double Auc, double Low, double High, double PValue, int TrainingRows, int HeldOutRows, double Seconds,
    IReadOnlyList<TellingFeature> Features);

/// <summary>Classifier two-sample test: detects changes of the joint distribution that no single feature shows.</summary>
/// <remarks>
/// Sources: Lopez-Paz and Oquab, Revisiting classifier two-sample tests (2017); DeLong, DeLong and Clarke-Pearson, Comparing the areas
/// under two or more correlated receiver operating characteristic curves (1988); Mann and Whitney (1947) with the correction for ties. Half
/// of the groups of rows train a classifier (<see cref="BoostedTrees"/>), which then scores the others: given the classifier, the area is a
/// rank statistic of independent rows, so its p-value is valid for any classifier. From 0.5 to 1; larger values indicate more drift; values
/// below 0.5 are noise. Seeded: the same rows give the same result. All rows of a group (a request) are in the same half.
/// </remarks>
public static class TwoSampleTest
{
    /// <summary>Minimum number of held-out rows of each sample.</summary>
    public const int MinRows = 100;

    /// <summary>Minimum decrease of the area, besides the area's own standard error, for a feature to be named.</summary>
    private const double LeastLoss = 0.005;
    private const int MaxFeatures = 10;

    /// <param name="names">Names of the features.</param>
    /// <param name="columns">By feature, then by row, both samples together.</param>
    /// <param name="labels">By row: 0 for the first sample, 1 for the second.</param>
    /// <param name="groups">By row: rows of the same group are not independent.</param>
    /// <returns>Null when there are too few rows.</returns>
    public static TwoSampleResult? Run(
        IReadOnlyList<string> names, double[][] columns, byte[] labels, int[] groups, int seed, TimeProvider clock)
    {
        long begin = clock.GetTimestamp();
        var random = new Random(seed);
        int[] order = [.. groups.Distinct().Order()];
        random.Shuffle(order);
        HashSet<int> training = [.. order.Take(order.Length / 2)];
        int[] fit = [.. Enumerable.Range(0, labels.Length).Where(row => training.Contains(groups[row]))];
        int[] rest = [.. Enumerable.Range(0, labels.Length).Where(row => !training.Contains(groups[row]))];
        byte[] truth = [.. rest.Select(row => labels[row])];
        int positives = truth.Count(label => label == 1);
        if (columns.Length == 0 || Math.Min(positives, truth.Length - positives) < MinRows || fit.Select(row => labels[row]).Distinct()
            .Count() < 2)
        {
            return null;
        }

        BoostedTrees trees = BoostedTrees.Fit(Rows(columns, fit), [.. fit.Select(row => labels[row])]);
        double[][] held = Rows(columns, rest);
        double[] scores = trees.Score(held);
        (double auc, double error) = AreaOf(scores, truth);
        List<TellingFeature> telling = [];
        for (int feature = 0; feature < columns.Length; feature++)
        {
            double[] kept = held[feature];
            held[feature] = [.. kept];
            random.Shuffle(held[feature]);
            telling.Add(new TellingFeature(names[feature], auc - AreaOf(trees.Score(held), truth).Area));
            held[feature] = kept;
        }

        double z = Normal.InvCDF(0, 1, 0.975);
        return new TwoSampleResult(
            auc, Math.Max(0, auc - (z * error)), Math.Min(1, auc + (z * error)), PValueOf(scores, truth), fit.Length, rest.Length,
            clock.GetElapsedTime(begin).TotalSeconds,
            [.. telling.Where(one => one.Loss >= Math.Max(LeastLoss, error)).OrderByDescending(one => one.Loss).Take(MaxFeatures)]);
    }

    /// <summary>Area under the curve and its standard error, by DeLong.</summary>
    internal static (double Area, double Error) AreaOf(double[] scores, byte[] labels)
    {
        double[] positive = [.. scores.Where((_, row) => labels[row] == 1).Order()];
        double[] negative = [.. scores.Where((_, row) => labels[row] == 0).Order()];
        double[] above = [.. positive.Select(score => ShareBelow(negative, score))];
        double[] below = [.. negative.Select(score => 1 - ShareBelow(positive, score))];
        return (above.Average(), Math.Sqrt((Variance(above) / above.Length) + (Variance(below) / below.Length)));
    }

    /// <summary>One-sided Mann-Whitney test, by the normal limit with ties.</summary>
    internal static double PValueOf(double[] scores, byte[] labels)
    {
        double positives = labels.Count(label => label == 1);
        double negatives = labels.Length - positives;
        double all = labels.Length;
        double ties = scores.CountBy(score => score).Sum(tie => ((double)tie.Value * tie.Value * tie.Value) - tie.Value);
        double variance = positives * negatives / 12 * (all + 1 - (ties / (all * (all - 1))));
        double z = (AreaOf(scores, labels).Area - 0.5) * positives * negatives / Math.Sqrt(variance);
        return variance <= 0 ? 1 : Normal.CDF(0, 1, -z);
    }

    private static double[][] Rows(double[][] columns, int[] rows) =>
        [.. columns.Select(column => rows.Select(row => column[row]).ToArray())];

    /// <summary>Share of the values below, ties counted half.</summary>
    private static double ShareBelow(double[] sorted, double value) =>
        (First(sorted, value, false) + First(sorted, value, true)) / (2.0 * sorted.Length);

    /// <summary>Number of values below, or at most, <paramref name="value"/>.</summary>
    private static int First(double[] sorted, double value, bool including)
    {
        int low = 0;
        int high = sorted.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = sorted[middle] < value || (including && sorted[middle] == value) ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private static double Variance(double[] values)
    {
        double mean = values.Average();
        return values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1);
    }
}
