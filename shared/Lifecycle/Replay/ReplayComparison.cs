using System.Collections.Immutable;
using System.Globalization;
using Modeldrop.Lifecycle.Validation;
using Modeldrop.Metrics;
using Modeldrop.Predictions;
using Modeldrop.Probe;
using Modeldrop.Probe.Child;
using Modeldrop.Routing;
using Modeldrop.Tensors;

namespace Modeldrop.Lifecycle.Replay;

/// <summary>Compares the answers of champion and candidate to the same logged records.</summary>
/// <remarks>
/// Two answers disagree when their classes differ. Two answers of a regression disagree when they differ by more than
/// <see cref="ValueTolerance"/> of the larger one, or when only one of them is a number. The candidate is compared with the champion's
/// present answers in the same environment, not with the log.
/// </remarks>
/// <param name="champion">Reads the champion's answers; null: no rule can read them, and then only bits and failures are reported.</param>
/// <param name="slices">Finds the slices of a record's rows.</param>
public sealed class ReplayComparison(RowAnswers? champion, RowAnswers? candidate, ReplaySlices slices, string environment)
{
    /// <summary>Relative difference below which two values of a regression agree.</summary>
    public const double ValueTolerance = 0.01;

    public ReplaySummary Compare(Prediction logged, ReplayedRecord ofChampion, ReplayedRecord ofCandidate)
    {
        ReplaySummary summary = ReplaySummary.Empty with { Records = 1 };
        if (ofChampion.Outputs is not { } theirs)
        {
            return summary with { ChampionFailures = 1, Faithfulness = FaithfulnessOf(logged, []) };
        }

        summary = summary with
        {
            Faithfulness = FaithfulnessOf(logged, theirs),
            ChampionLatency = LatencyHistogram.OfOne(ofChampion.Duration),
        };
        if (ofCandidate.Outputs is not { } ours)
        {
            return summary with { CandidateFailures = 1, CandidateFailure = ofCandidate.Failure };
        }

        summary = summary with { CandidateLatency = LatencyHistogram.OfOne(ofCandidate.Duration) };
        if (champion?.Read(theirs) is not { Count: > 0 } before || candidate?.Read(ours) is not { } after)
        {
            return summary;
        }

        return after.Count == before.Count
            ? CompareRows(summary, logged, before, after)
            : summary with { CandidateFailures = 1, CandidateFailure = $"It gives {after.Count} answers for {before.Count} rows." };
    }

    private ReplaySummary CompareRows(
        ReplaySummary summary, Prediction logged, IReadOnlyList<RowAnswer> before, IReadOnlyList<RowAnswer> after)
    {
        long[] differences = [.. summary.ScoreDifferences];
        var answers = new SortedDictionary<string, AnswerCount>(StringComparer.Ordinal);
        var disagrees = new bool[before.Count];
        long nans = 0;
        for (int row = 0; row < before.Count; row++)
        {
            disagrees[row] = Disagree(before[row], after[row]);
            nans += after[row].HasNaN && !before[row].HasNaN ? 1 : 0;
            differences[BinOf(DifferenceOf(before[row], after[row]))]++;
            Add(answers, AnswerOf(before[row]), new AnswerCount(1, 0));
            Add(answers, AnswerOf(after[row]), new AnswerCount(0, 1));
        }

        return summary with
        {
            Rows = before.Count,
            Disagreements = disagrees.Count(one => one),
            CandidateNaNs = nans,
            Examples = Array.Exists(disagrees, one => one) ? [logged.Id.ToString()] : [],
            ScoreDifferences = [.. differences],
            Answers = answers.Count > ReplaySummary.MaxAnswers ? null : answers.ToImmutableSortedDictionary(StringComparer.Ordinal),
            Slices = slices.Of(logged.Inputs, disagrees),
        };
    }

    private static void Add(SortedDictionary<string, AnswerCount> answers, string? answer, AnswerCount count)
    {
        if (answer is not null)
        {
            answers[answer] = answers.TryGetValue(answer, out AnswerCount? present) ? present.Plus(count) : count;
        }
    }

    private Faithfulness FaithfulnessOf(Prediction logged, IReadOnlyList<Tensor> now)
    {
        bool equal = TensorRows.SameBits(logged.Outputs, now);
        if (logged.Environment == environment)
        {
            return equal
                ? Faithfulness.None with { SameEnvironment = 1 }
                : Faithfulness.None with { SameEnvironment = 1, Different = 1, Examples = [logged.Id.ToString()] };
        }

        double largest = equal || logged.Outputs.Count != now.Count
            ? 0
            : logged.Outputs.Zip(now).Max(pair => LargestDifference(pair.First, pair.Second));
        return Faithfulness.None with { OtherEnvironment = 1, OtherDifferent = equal ? 0 : 1, LargestDifference = largest };
    }

    private static double LargestDifference(Tensor one, Tensor other)
    {
        double largest = 0;
        if (one.Datatype != other.Datatype || one.Count != other.Count || !TensorValues.IsFloat(one.Datatype))
        {
            return largest;
        }

        for (int index = 0; index < one.Count; index++)
        {
            double difference = Relative(TensorValues.Number(one, index), TensorValues.Number(other, index));
            largest = Math.Max(largest, double.IsNaN(difference) ? 0 : difference);
        }

        return largest;
    }

    private static bool Disagree(RowAnswer before, RowAnswer after) => before.Value is { } value
        ? after.Value is not { } other || (double.IsNaN(value) != double.IsNaN(other)) || Relative(value, other) > ValueTolerance
        : before.Class != after.Class;

    private static double? DifferenceOf(RowAnswer before, RowAnswer after) => before.Value is { } value
        ? (after.Value is { } other ? Relative(value, other) : null)
        : before.Probabilities is { } one && after.Probabilities is { } another && one.Length == another.Length
            ? one.Zip(another, (left, right) => Math.Abs(left - right)).Max()
            : before.Class == after.Class ? 0 : 1;

    private static double Relative(double one, double other) =>
        one.Equals(other) ? 0 : Math.Abs(one - other) / Math.Max(Math.Abs(one), Math.Abs(other));

    private static int BinOf(double? difference)
    {
        int bin = 0;
        while (bin < ReplayFigures.DifferenceBounds.Count && !(difference <= ReplayFigures.DifferenceBounds[bin]))
        {
            bin++;
        }

        return bin;
    }

    /// <summary>
    /// The key under which an answer is counted for the shift of the outputs: its class, or for probabilities of two classes the twentieth;
    /// null for an unbounded number.
    /// </summary>
    private static string? AnswerOf(RowAnswer answer) => answer switch
    {
        { Class: null } => null,
        { Probabilities: [_, var positive] } when double.IsNaN(positive) => "NaN",
        { Probabilities: [_, var positive] } => string.Create(
            CultureInfo.InvariantCulture, $"{Math.Clamp(Math.Floor(positive * 20) / 20, 0, 0.95):0.00}"),
        _ => answer.Class,
    };
}
