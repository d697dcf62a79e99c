using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Functions.Http;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Predictions.Feedback;
using Modeldrop.Registry;
using Modeldrop.Scoring;

namespace Modeldrop.Functions.Predictions;

/// <summary>Finds scored requests by their id.</summary>
public sealed class PredictionFunctions(PredictionStore predictions, VersionStore versions, FeedbackStore feedback, PredictionReplay replay)
{
    /// <summary>The record with its inputs and outputs, its provenance (version, model file, data set), and its feedback.</summary>
    [Function(nameof(GetPrediction))]
    [Answers(typeof(PredictionDocument))]
    public async Task<IResult> GetPrediction(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/predictions/{id}")] HttpRequest request, string id,
        CancellationToken cancellationToken)
    {
        Prediction prediction = await predictions.FindAsync(PredictionId.Parse(id), cancellationToken)
            ?? throw new ServiceException(ErrorCode.PredictionNotFound,
                $"There is no prediction '{id}'. A request is written within a second of its answer; with sampling or mode 'off' it may "
                    + $"not be logged at all.");
        ModelVersion? version = await versions.FindAsync(new VersionName(prediction.Model, prediction.Version), cancellationToken);
        return new PredictionAnswer(prediction, version, await feedback.ListAsync(prediction.Id, cancellationToken));
    }

    /// <summary>
    /// Scores the stored input again with the version of the record: the same bits in the same environment, otherwise the distance.
    /// </summary>
    [Function(nameof(ReplayPrediction))]
    [Answers(typeof(ReplayResult))]
    public async Task<IResult> ReplayPrediction(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/predictions/{id}/replay")] HttpRequest request,
        string id,
        CancellationToken cancellationToken) =>
        Answer.Json(await replay.RunAsync(PredictionId.Parse(id), cancellationToken));
}
