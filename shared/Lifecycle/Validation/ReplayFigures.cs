using Modeldrop.Metrics;

namespace Modeldrop.Lifecycle.Validation;

/// <summary>Times in the model of logged records, in milliseconds.</summary>
public sealed record ReplayLatency(double P50Ms, double P95Ms, double P99Ms);

/// <summary>What a report keeps of a replay.</summary>
/// <param name="Champion">The version that made the records.</param>
/// <param name="DisagreementLower">Exact lower bound of the rate at 95 %; see <see cref="ClopperPearson"/>.</param>
/// <param name="ScoreDifferences">Rows by the difference of their scores; the bounds are <see cref="DifferenceBounds"/>.</param>
/// <param name="Answers">By class, or by twentieths of a probability; null: too many, or none.</param>
/// <param name="Transactions">Storage transactions that it took.</param>
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
    /// <summary>Upper bounds of <see cref="ScoreDifferences"/>; one more bin is for what is beyond, or no number.</summary>
    public static readonly IReadOnlyList<double> DifferenceBounds = [0, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.05, 0.1, 0.25, 0.5, 1];
}

/// <summary>How often an answer was this, by both.</summary>
public sealed record AnswerCount(long Champion, long Candidate)
{
    public AnswerCount Plus(AnswerCount other) => new(Champion + other.Champion, Candidate + other.Candidate);
}
