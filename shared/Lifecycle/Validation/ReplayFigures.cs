using Modeldrop.Metrics;

namespace Modeldrop.Lifecycle.Validation;

/// <summary>Times of logged records in the model, in milliseconds.</summary>
public sealed record ReplayLatency(double P50Ms, double P95Ms, double P99Ms);

/// <summary>The figures of a replay that a report keeps.</summary>
/// <param name="Champion">The version that made the records.</param>
/// <param name="DisagreementLower">Exact lower bound of the rate at 95 %; see <see cref="ClopperPearson"/>.</param>
/// <param name="ScoreDifferences">Rows by the difference of their scores; the bounds are <see cref="DifferenceBounds"/>.</param>
/// <param name="Answers">By class, or by twentieths of a probability; null: too many classes, or no answers.</param>
/// <param name="Transactions">Storage transactions that the replay needed.</param>
public sealed record ReplayFigures(
    int Champion,
    long Records,
    long Rows,
    long Disagreements,
    double? DisagreementLower,
    double? DisagreementUpper,
    IReadOnlyList<long> ScoreDifferences,
    IReadOnlyDictionary<string, AnswerCount>? Answers,
    ReplayLatency? ChampionLatency,
    ReplayLatency? Latency,
    long Transactions)
{
    /// <summary>
    /// Upper bounds of <see cref="ScoreDifferences"/>; one more bin holds larger differences and those that are not numbers.
    /// </summary>
    public static readonly IReadOnlyList<double> DifferenceBounds = [0, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.05, 0.1, 0.25, 0.5, 1];
}

/// <summary>How often champion and candidate gave this answer.</summary>
public sealed record AnswerCount(long Champion, long Candidate)
{
    public AnswerCount Plus(AnswerCount other) => new(Champion + other.Champion, Candidate + other.Candidate);
}
