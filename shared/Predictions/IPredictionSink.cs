using Modeldrop.Errors;
using Modeldrop.Names;

namespace Modeldrop.Predictions;

/// <summary>Accepts scored requests. One that keeps their tensors holds them: see <see cref="ScoredRequest.Hold"/>.</summary>
public interface IPredictionSink
{
    /// <summary>Returns a unique id, which determines where the record will be.</summary>
    PredictionId NextId(ModelName model);

    /// <summary>Adds the request to a buffer, without waiting.</summary>
    /// <returns>Whether it was accepted; a loss is counted.</returns>
    bool Append(ScoredRequest request);

    /// <summary>Completes when the record is stored.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.StoreUnavailable"/>: the record may still be stored later.</exception>
    Task AppendDurablyAsync(ScoredRequest request, CancellationToken cancellationToken);
}
