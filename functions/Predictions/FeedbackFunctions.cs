using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Functions.Management;
using Modeldrop.Predictions;
using Modeldrop.Predictions.Feedback;
using Modeldrop.Registry;

namespace Modeldrop.Functions.Predictions;

/// <summary>What turned out to be true of predictions.</summary>
public sealed class FeedbackFunctions(FeedbackStore feedback, RegistryService registry)
{
    private sealed record FeedbackBody(JsonElement? Label);

    /// <summary>Of one prediction. It may come before the prediction is visible, late, and again: the last one counts.</summary>
    [Function(nameof(AddFeedback))]
    public async Task<IResult> AddFeedback(
        [HttpTrigger(AuthorizationLevel.Admin, "post", Route = "api/predictions/{id}/feedback")] HttpRequest request, string id, CancellationToken cancellationToken)
    {
        PredictionId prediction = PredictionId.Parse(id);
        FeedbackBody body = await RequestBody.ReadAsync<FeedbackBody>(request, optional: false, cancellationToken);
        IReadOnlyList<string> labels = FeedbackReader.LabelsOf(body.Label) ?? throw new ServiceException(ErrorCode.InvalidRequest,
            "'label' must be a text, a number, true or false, or a list of them, one for each row of the request: {\"label\": 1}.");
        (int stored, int unchanged) = await feedback.WriteAsync([new FeedbackEntry(prediction, labels)], Caller.NameOf(request), new StorageMeter(), cancellationToken);
        return Answer.Json(new FeedbackResult(stored, unchanged, []));
    }

    /// <summary>Of many: a JSON list, JSON lines or CSV. Lines that cannot be taken are named; the others are stored.</summary>
    [Function(nameof(AddModelFeedback))]
    public async Task<IResult> AddModelFeedback(
        [HttpTrigger(AuthorizationLevel.Admin, "post", Route = "api/models/{model}/feedback")] HttpRequest request, string model, CancellationToken cancellationToken)
    {
        RequestBody.CheckEncoding(request);
        ModelName name = ModelName.Parse(model);
        await registry.GetAsync(name, cancellationToken);
        FeedbackBatch batch = await FeedbackReader.ReadAsync(name, request.ContentType, request.Body, cancellationToken);
        if (batch.Entries.Count == 0)
        {
            throw new ServiceException(ErrorCode.InvalidRequest, batch.Violations.Count == 0
                ? ["There is no feedback in the body."]
                : [.. batch.Violations.Take(100).Select(violation => $"Line {violation.Line}: {violation.Detail}")]);
        }

        (int stored, int unchanged) = await feedback.WriteAsync([.. batch.Entries.Select(one => one.Entry)], Caller.NameOf(request), new StorageMeter(), cancellationToken);
        return Answer.Json(new FeedbackResult(stored, unchanged, batch.Violations));
    }
}
