using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Predictions.Feedback;
using Modeldrop.Registry;

namespace Modeldrop.Site.Predictions;

/// <summary>A search for predictions and its result.</summary>
/// <param name="Text">An id, or a key of <paramref name="Model"/>; null: no search yet.</param>
/// <param name="Models">Names of all models.</param>
/// <param name="Found">Ids of the requests with that key, newest first.</param>
public sealed record PredictionSearchView(
    string? Text, string? Model, IReadOnlyList<string> Models, IReadOnlyList<FoundPrediction>? Found);

/// <summary>A request with the key.</summary>
/// <param name="IsFailed">Whether it failed.</param>
public sealed record FoundPrediction(PredictionId Id, DateTimeOffset ReceivedAt, int Version, bool IsFailed);

/// <summary>A logged request with its version and feedback.</summary>
/// <param name="Version">Null: it no longer exists.</param>
public sealed record PredictionView(Prediction Prediction, ModelVersion? Version, IReadOnlyList<StoredFeedback> Feedback);
