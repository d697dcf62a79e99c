using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Functions.Http;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Predictions.Feedback;
using Modeldrop.Registry;

namespace Modeldrop.Functions.Predictions;

/// <summary>The true outcomes of predictions.</summary>
public sealed class FeedbackFunctions(
    FeedbackService feedback, RegistryService registry, PredictionStore predictions, TimeProvider clock)
{
    private sealed record FeedbackBody(JsonElement Label, int? Row);

    /// <summary>
    /// Adds feedback on one prediction, or on one of its rows. It may arrive before the prediction is visible, late, and repeatedly: the
    /// latest counts.
    /// </summary>
    [Function(nameof(AddFeedback))]
    [Takes(typeof(FeedbackBody))]
    [Answers(typeof(FeedbackResult))]
    public async Task<IResult> AddFeedback(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/predictions/{id}/feedback")] HttpRequest request,
        string id,
        CancellationToken cancellationToken)
    {
        PredictionId prediction = PredictionId.Parse(id);
        FeedbackBody body = await RequestBody.ReadAsync<FeedbackBody>(request, optional: false, cancellationToken);
        IReadOnlyList<string?>? labels = FeedbackReader.LabelsOf(body.Label, isOfOneRow: body.Row is not null);
        if (labels is null || !FeedbackReader.TryReadRow($"{body.Row}", out int? row))
        {
            throw new ServiceException(ErrorCode.InvalidRequest,
                labels is null ? $"{FeedbackReader.LabelRequirement} For example: {{\"label\": 1}}."
                    : $"'row' is {body.Row}; it must be the number of a row of the request, from 0.");
        }

        FeedbackResult result = await feedback.AddAsync(
            FeedbackReader.Of(new FeedbackLine(1, prediction, row, labels)), Caller.NameOf(request), cancellationToken);
        return result.Rejected is [var wrong] ? throw new ServiceException(ErrorCode.InvalidRequest, wrong.Detail) : Answer.Json(result);
    }

    /// <summary>
    /// Adds feedback on many predictions, by prediction id or by the caller's key: a JSON list, JSON lines or CSV. Invalid lines are
    /// reported; the others are stored.
    /// </summary>
    [Function(nameof(AddModelFeedback))]
    [Takes(null)]
    [Takes(null, ContentType = "application/x-ndjson")]
    [Takes(null, ContentType = "text/csv")]
    [Answers(typeof(FeedbackResult))]
    public async Task<IResult> AddModelFeedback(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/models/{model}/feedback")] HttpRequest request,
        string model,
        CancellationToken cancellationToken)
    {
        RequestBody.CheckEncoding(request);
        ModelName name = ModelName.Parse(model);
        await registry.GetAsync(name, cancellationToken);
        var query = new RequestQuery(request);
        DateTimeOffset now = clock.GetUtcNow();
        DateTimeOffset from = query.Instant("from") ?? now - PredictionStore.DefaultKeyTime;
        query.Check();
        FeedbackBatch batch = await FeedbackReader.ReadAsync(name, request.ContentType, request.Body,
            keys => predictions.FindKeysAsync(name, keys, from, now, cancellationToken), cancellationToken);
        FeedbackResult result = await feedback.AddAsync(batch, Caller.NameOf(request), cancellationToken);
        return result is { Stored: 0, Unchanged: 0 }
            ? throw new ServiceException(ErrorCode.InvalidRequest, result.Rejected.Count == 0
                ? ["There is no feedback in the body."]
                : [.. result.Rejected.Select(violation => $"Line {violation.Line}: {violation.Detail}")])
            : Answer.Json(result);
    }
}
