using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Modeldrop.Lifecycle.Validation;
using Modeldrop.Metrics;
using Modeldrop.Routing;

namespace Modeldrop.Lifecycle.Replay;

/// <summary>Number of rows with a value of an input, and how many of them candidate and champion disagree on.</summary>
public sealed record SliceCount(long Rows, long Disagreements)
{
    public SliceCount Plus(SliceCount other) => new(Rows + other.Rows, Disagreements + other.Disagreements);
}

/// <summary>Whether the champion reproduces its log: counts of the records whose bits were compared.</summary>
/// <param name="SameEnvironment">Records logged under this environment's fingerprint: their bits must be equal.</param>
/// <param name="OtherEnvironment">Records logged under another fingerprint: their bits may differ.</param>
/// <param name="LargestDifference">Largest difference between floating-point outputs of the latter, relative to the larger one; 0 to
/// 2.</param>
/// <param name="Examples">Smallest ids of the records that differ under the same environment.</param>
public sealed record Faithfulness(
    long SameEnvironment, long Different, long OtherEnvironment, long OtherDifferent, double LargestDifference,
    ImmutableSortedSet<string> Examples)
{
    private const int MaxExamples = ReplaySummary.MaxExamples;

    public static Faithfulness None { get; } = new(0, 0, 0, 0, 0, []);

    public Faithfulness Plus(Faithfulness other) => new(
        SameEnvironment + other.SameEnvironment,
        Different + other.Different,
        OtherEnvironment + other.OtherEnvironment,
        OtherDifferent + other.OtherDifferent,
        Math.Max(LargestDifference, other.LargestDifference),
        [.. Examples.Union(other.Examples).Take(MaxExamples)]);
}

/// <summary>The result of replaying a part of the log. It holds only counts, so parts add up to the same whole in any order.</summary>
public sealed record ReplaySummary
{
    internal const int MaxExamples = 5;

    /// <summary>Number of an input's values above which it has no slices.</summary>
    internal const int MaxSlices = 500;

    /// <summary>Number of classes above which answers are not counted by class.</summary>
    internal const int MaxAnswers = 200;

    public long Records { get; init; }

    public Faithfulness Faithfulness { get; init; } = Faithfulness.None;

    /// <summary>Rows that both versions have answered.</summary>
    public long Rows { get; init; }

    public long Disagreements { get; init; }

    /// <summary>Records on which the champion itself fails now; they are left out.</summary>
    public long ChampionFailures { get; init; }

    /// <summary>Records that the champion answered and the candidate did not.</summary>
    public long CandidateFailures { get; init; }

    /// <summary>The first of the failures' reasons by ordinal order, in words; null without any.</summary>
    public string? CandidateFailure { get; init; }

    /// <summary>Rows that the champion answered with a number and the candidate with NaN.</summary>
    public long CandidateNaNs { get; init; }

    /// <summary>Smallest ids of the records with a row on which they disagree.</summary>
    public ImmutableSortedSet<string> Examples { get; init; } = [];

    /// <summary>Rows by the difference of their scores: differences of probabilities, or of values relative to the larger one.</summary>
    public ImmutableArray<long> ScoreDifferences { get; init; } = [.. new long[ReplayFigures.DifferenceBounds.Count + 1]];

    /// <summary>Counts by class, or by twentieths of a probability; null: too many classes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public ImmutableSortedDictionary<string, AnswerCount>? Answers { get; init; } = ImmutableSortedDictionary
        .Create<string, AnswerCount>(StringComparer.Ordinal);

    /// <summary>By input, then by value or bin; null for an input with too many values.</summary>
    public ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, SliceCount>?> Slices { get; init; } =
        ImmutableSortedDictionary.Create<string, ImmutableSortedDictionary<string, SliceCount>?>(StringComparer.Ordinal);

    public LatencyHistogram ChampionLatency { get; init; } = LatencyHistogram.Empty;

    public LatencyHistogram CandidateLatency { get; init; } = LatencyHistogram.Empty;

    /// <summary>Storage transactions that reading the records needed.</summary>
    public long Transactions { get; init; }

    public static ReplaySummary Empty { get; } = new();

    public ReplaySummary Plus(ReplaySummary other) => new()
    {
        Records = Records + other.Records,
        Faithfulness = Faithfulness.Plus(other.Faithfulness),
        Rows = Rows + other.Rows,
        Disagreements = Disagreements + other.Disagreements,
        ChampionFailures = ChampionFailures + other.ChampionFailures,
        CandidateFailures = CandidateFailures + other.CandidateFailures,
        CandidateFailure = string.CompareOrdinal(
            CandidateFailure ?? other.CandidateFailure, other.CandidateFailure ?? CandidateFailure) <= 0
            ? CandidateFailure ?? other.CandidateFailure
            : other.CandidateFailure ?? CandidateFailure,
        CandidateNaNs = CandidateNaNs + other.CandidateNaNs,
        Examples = [.. Examples.Union(other.Examples).Take(MaxExamples)],
        ScoreDifferences = [.. ScoreDifferences.Zip(other.ScoreDifferences, (one, another) => one + another)],
        Answers = Merge(Answers, other.Answers, (one, another) => one.Plus(another), MaxAnswers),
        Slices = Merge(
            Slices, other.Slices, (one, another) => Merge(one, another, (count, more) => count.Plus(more), MaxSlices), int.MaxValue)!,
        ChampionLatency = ChampionLatency.Plus(other.ChampionLatency),
        CandidateLatency = CandidateLatency.Plus(other.CandidateLatency),
        Transactions = Transactions + other.Transactions,
    };

    /// <summary>
    /// Merges the keys of both. Returns null as soon as there are more than <paramref name="max"/>, so that the order of merging does not
    /// matter.
    /// </summary>
    private static ImmutableSortedDictionary<string, T>? Merge<T>(
        ImmutableSortedDictionary<string, T>? one, ImmutableSortedDictionary<string, T>? other, Func<T, T, T> add, int max)
    {
        if (one is null || other is null)
        {
            return null;
        }

        ImmutableSortedDictionary<string, T>.Builder merged = one.ToBuilder();
        foreach ((string key, T value) in other)
        {
            merged[key] = merged.TryGetValue(key, out T? present) ? add(present, value) : value;
        }

        return merged.Count > max ? null : merged.ToImmutable();
    }

    /// <summary>The figures that a report keeps.</summary>
    /// <param name="champion">The version that made the records.</param>
    public ReplayFigures FiguresAgainst(int champion) => new(
        champion,
        Records,
        Rows,
        Disagreements,
        Rows == 0 ? null : ClopperPearson.Lower(Disagreements, Rows),
        Rows == 0 ? null : ClopperPearson.Upper(Disagreements, Rows),
        ScoreDifferences,
        Answers,
        LatencyOf(ChampionLatency),
        LatencyOf(CandidateLatency),
        Transactions);

    private static ReplayLatency? LatencyOf(LatencyHistogram histogram) => histogram.Count == 0
        ? null
        : new(MillisecondsOf(histogram, 0.5), MillisecondsOf(histogram, 0.95), MillisecondsOf(histogram, 0.99));

    private static double MillisecondsOf(LatencyHistogram histogram, double share) =>
        histogram.Quantile(share)!.Value.TotalMilliseconds;
}
