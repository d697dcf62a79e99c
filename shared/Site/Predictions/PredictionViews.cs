using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Predictions.Feedback;
using Modeldrop.Registry;

namespace Modeldrop.Site.Predictions;

/// <summary>What a reader looks for.</summary>
/// <param name="Text">An id, or a key of <paramref name="Model"/>; null: nothing yet.</param>
/// <param name="Models">All that there are, by name.</param>
/// <param name="Found">Ids of the requests with that key, newest first.</param>
public sealed record PredictionSearchView(
    string? Text, string? Model, IReadOnlyList<string> Models, IReadOnlyList<FoundPrediction>? Found);

/// <summary>A request that has the key.</summary>
/// <param name="IsFailed">It was not answered.</param>
public sealed record FoundPrediction(PredictionId Id, DateTimeOffset ReceivedAt, int Version, bool IsFailed);

/// <summary>A logged request with all that made it.</summary>
/// <param name="Version">Null: it is not there any more.</param>
public sealed record PredictionView(Prediction Prediction, ModelVersion? Version, IReadOnlyList<StoredFeedback> Feedback);
