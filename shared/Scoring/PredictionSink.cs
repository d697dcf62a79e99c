using Modeldrop.Names;
using Modeldrop.Predictions;

namespace Modeldrop.Scoring;

/// <summary>Where scored requests go: the prediction log, or in a test whatever it wants.</summary>
internal sealed record PredictionSink(
    Func<ModelName, PredictionId> NextId, Func<ScoredRequest, bool> Append, Func<ScoredRequest, CancellationToken, Task> AppendDurably)
{
    public static PredictionSink Of(PredictionLog log) => new(log.NextId, log.Append, log.AppendDurablyAsync);
}
