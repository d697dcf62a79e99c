using System.IO.Hashing;
using System.Text;

namespace Modeldrop.Metrics;

/// <summary>The bounds of a metric.</summary>
public sealed record MetricInterval(double Low, double High)
{
    /// <summary>What the bounds are computed from; null for the bounds of a difference or an estimate.</summary>
    public MetricEvidence? Evidence { get; init; }
}

/// <summary>The uncertainty of metrics, given the rows that they were measured on.</summary>
/// <remarks>
/// Shares, areas and means have their own intervals (<see cref="MetricEvidence"/>), which also hold for few rows and for shares near 0 and
/// 1. All other metrics, and differences of two models, are resampled. Source: Efron and Tibshirani, An Introduction to the Bootstrap
/// (1993), percentile intervals. Rows are drawn with replacement, as many as there are; the interval is the middle 95 % of the metric over
/// the resamples, and the middle 90 % for a difference. A difference is computed within each resample: both models are measured on the same
/// rows, so rows that are hard for both do not count as noise. The draws depend on the version's digest: the same version has the same
/// intervals on every machine.
/// </remarks>
internal static class MetricBootstrap
{
    private const int MaxResamples = 1_000;

    private const int LeastResamples = 200;

    /// <summary>Maximum number of drawn rows: bounds the time for large files, whose intervals are narrow anyway.</summary>
    private const long MaxDraws = 50_000_000;

    /// <summary>Rows times labels above which a multi-label model has no intervals: 200 resamples would take minutes.</summary>
    private const long MaxLabels = 20_000_000;

    /// <summary>Tail on each side of a value's interval.</summary>
    private const double ValueTail = 0.025;

    /// <summary>
    /// Tail on each side of a difference's interval. Whether a version is worse is a one-sided question, so each bound alone holds at 95 %.
    /// </summary>
    private const double DifferenceTail = 0.05;

    /// <param name="seed">Any text that identifies the candidate.</param>
    /// <param name="champion">Measured on the same rows; null: none.</param>
    public static (
        IReadOnlyDictionary<string, MetricInterval> Candidate, IReadOnlyDictionary<string, MetricInterval>? Champion,
        IReadOnlyDictionary<string, MetricInterval>? Differences) Run(
        MetricSample candidate, MetricSample? champion, string seed)
    {
        if (candidate.Cost > 1 && (long)candidate.Rows * candidate.Cost > MaxLabels)
        {
            return (new Dictionary<string, MetricInterval>(), null, null);
        }

        MetricSample? paired = champion?.Rows == candidate.Rows ? champion : null;
        Dictionary<string, List<double>> ours = Empty(candidate.Names);
        Dictionary<string, List<double>> theirs = Empty(paired?.Names ?? []);
        Dictionary<string, List<double>> differences = Empty(ours.Keys.Intersect(theirs.Keys));
        var random = new Random(unchecked((int)XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(seed))));
        var weights = new int[candidate.Rows];
        int resamples = (int)Math.Clamp(MaxDraws / Math.Max(1, (long)candidate.Rows * candidate.Cost), LeastResamples, MaxResamples);
        for (int resample = 0; resample < resamples; resample++)
        {
            Draw(random, weights);
            Add(ours, name => candidate.Compute(name, weights));
            Add(theirs, name => paired!.Compute(name, weights));
            Add(
                differences,
                name => ours[name].Count == resample + 1 && theirs[name].Count == resample + 1 ? ours[name][^1] - theirs[name][^1] : null);
        }

        return (
            OfValues(candidate, ours, resamples),
            paired is null ? null : OfValues(paired, theirs, resamples),
            paired is null ? null : Intervals(differences, DifferenceTail, resamples));
    }

    private static void Draw(Random random, int[] weights)
    {
        Array.Clear(weights);
        for (int draw = 0; draw < weights.Length; draw++)
        {
            weights[random.Next(weights.Length)]++;
        }
    }

    private static Dictionary<string, List<double>> Empty(IEnumerable<string> names) =>
        names.ToDictionary(name => name, _ => new List<double>(), StringComparer.Ordinal);

    private static void Add(Dictionary<string, List<double>> values, Func<string, double?> compute)
    {
        foreach ((string name, List<double> known) in values)
        {
            if (compute(name) is { } value)
            {
                known.Add(value);
            }
        }
    }

    private static SortedDictionary<string, MetricInterval> OfValues(
        MetricSample sample, Dictionary<string, List<double>> values, int resamples)
    {
        SortedDictionary<string, MetricInterval> intervals = Intervals(values, ValueTail, resamples);
        int[] once = [.. Enumerable.Repeat(1, sample.Rows)];
        foreach (string name in sample.Names)
        {
            if (sample.EvidenceOf(name) is { } evidence)
            {
                intervals[name] = evidence.Interval(ValueTail);
            }
            else if (intervals.TryGetValue(name, out MetricInterval? resampled) && sample.Compute(name, once) is { } value)
            {
                intervals[name] = resampled with { Evidence = MetricEvidence.Resampled(value, values[name], sample.Rows) };
            }
        }

        return intervals;
    }

    /// <summary>Returns no interval for a metric that was undefined on any resample: it has too few rows of a kind.</summary>
    private static SortedDictionary<string, MetricInterval> Intervals(Dictionary<string, List<double>> values, double tail, int resamples)
    {
        SortedDictionary<string, MetricInterval> intervals = new(StringComparer.Ordinal);
        foreach ((string name, List<double> known) in values.Where(pair => pair.Value.Count == resamples))
        {
            known.Sort();
            intervals[name] = new MetricInterval(
                known[(int)(tail * (resamples - 1))], known[(int)Math.Ceiling((1 - tail) * (resamples - 1))]);
        }

        return intervals;
    }
}
