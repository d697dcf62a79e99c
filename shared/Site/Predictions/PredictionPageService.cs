using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Predictions.Feedback;
using Modeldrop.Registry;

namespace Modeldrop.Site.Predictions;

/// <summary>Finds logged requests for their pages.</summary>
public sealed class PredictionPageService(
    PredictionStore predictions, RegistryStore registry, VersionStore versions, FeedbackStore feedback, TimeProvider clock)
{
    private const int MaxFound = 50;

    /// <summary>
    /// One query for the models. For a key, one more for each 1,000 packs of the last 30 days, and one for each pack with the key, up to
    /// fifty requests.
    /// </summary>
    /// <param name="text">An id or a key; null: nothing is searched.</param>
    /// <param name="model">The model to which the key belongs; null: the text is an id.</param>
    public async Task<PredictionSearchView> SearchAsync(string? text, ModelName? model, CancellationToken cancellationToken)
    {
        List<string> models = await registry.ListNamesAsync(cancellationToken).ToListAsync(cancellationToken);
        return new PredictionSearchView(
            text, model?.Value, models, text is null || model is null ? null : await FindKeyAsync(model.Value, text, cancellationToken));
    }

    /// <summary>At most seven requests: the record in up to four, its version in two, its feedback in one.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.PredictionNotFound"/>; <see cref="ErrorCode.StoreUnavailable"/>.</exception>
    public async Task<PredictionView> GetAsync(PredictionId id, CancellationToken cancellationToken)
    {
        Prediction prediction = await predictions.GetAsync(id, cancellationToken);
        Task<ModelVersion?> version = versions.FindAsync(new VersionName(prediction.Model, prediction.Version), cancellationToken);
        IReadOnlyList<StoredFeedback> known = await feedback.ListAsync(id, cancellationToken);
        return new PredictionView(prediction, await version, known);
    }

    private async Task<IReadOnlyList<FoundPrediction>> FindKeyAsync(ModelName model, string key, CancellationToken cancellationToken)
    {
        DateTimeOffset now = clock.GetUtcNow();
        List<FoundPrediction> found = [];
        await foreach (LogPack pack in predictions.ReadPacksOfKeysAsync(
            model, [key], now - PredictionStore.DefaultKeyTime, now, cancellationToken))
        {
            using PackColumns columns = pack.ReadColumns();
            for (int record = 0; record < columns.Records; record++)
            {
                if (columns.RequestIdOf(record) == key)
                {
                    found.Add(new FoundPrediction(
                        pack.IdOf(columns.Sequences[record]), columns.ReceivedAtOf(record), pack.Version, pack.IsFailed));
                }
            }

            if (found.Count >= MaxFound)
            {
                break;
            }
        }

        return [.. found.OrderByDescending(one => one.ReceivedAt).Take(MaxFound)];
    }
}
