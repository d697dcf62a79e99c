using Modeldrop.Errors;
using Modeldrop.Names;

namespace Modeldrop.Predictions;

/// <summary>Takes scored requests.</summary>
public interface IPredictionSink
{
    /// <summary>An id that nobody else gets; it says where the record will be.</summary>
    PredictionId NextId(ModelName model);

    /// <summary>Puts the request into a buffer, without waiting.</summary>
    /// <returns>Whether it was taken; a loss is counted.</returns>
    bool Append(ScoredRequest request);

    /// <summary>Returns when the record is stored.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.StoreUnavailable"/>: it may come to be stored all the same.</exception>
    Task AppendDurablyAsync(ScoredRequest request, CancellationToken cancellationToken);
}
