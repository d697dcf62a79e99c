using Modeldrop.Metrics;
using Modeldrop.Scoring;

namespace Modeldrop.Lifecycle.Replay;

/// <summary>Times in the model of logged records, in milliseconds.</summary>
public sealed record ReplayLatency(double P50Ms, double P95Ms, double P99Ms)
{
    internal static ReplayLatency? Of(LatencyHistogram histogram) => histogram.Count == 0
        ? null
        : new(histogram.Quantile(0.5)!.Value.TotalMilliseconds, histogram.Quantile(0.95)!.Value.TotalMilliseconds, histogram.Quantile(0.99)!.Value.TotalMilliseconds);
}

/// <summary>What a report keeps of a replay.</summary>
/// <param name="Champion">The version that made the records.</param>
/// <param name="DisagreementLower">Exact lower bound of the rate at 95 %; see <see cref="ClopperPearson"/>.</param>
/// <param name="ScoreDifferences">Rows by the difference of their scores; the bounds are <see cref="ReplaySummary.DifferenceBounds"/>.</param>
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
    public static ReplayFigures Of(ReplaySummary summary, int champion) => new(
        champion,
        summary.Records,
        summary.Rows,
        summary.Disagreements,
        summary.Rows == 0 ? null : ClopperPearson.Lower(summary.Disagreements, summary.Rows),
        summary.Rows == 0 ? null : ClopperPearson.Upper(summary.Disagreements, summary.Rows),
        summary.ScoreDifferences,
        summary.Answers,
        ReplayLatency.Of(summary.ChampionLatency),
        ReplayLatency.Of(summary.CandidateLatency),
        summary.Transactions);
}
