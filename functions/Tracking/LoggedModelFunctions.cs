using Microsoft.AspNetCore.Http;
using Modeldrop.Functions.Http;
using Modeldrop.Tracking.Answers;
using Modeldrop.Tracking.Artifacts;
using Modeldrop.Tracking.Calls;
using Modeldrop.Tracking.Protocol;
using Modeldrop.Tracking.Runs;

namespace Modeldrop.Functions.Tracking;

/// <summary>MLflow's logged models: the output of <c>log_model</c> in MLflow 3.</summary>
public sealed class LoggedModelFunctions(LoggedModelService models, ArtifactService artifacts)
{
    private const string Route = "api/2.0/mlflow/logged-models";

    [Function(nameof(CreateLoggedModel))]
    [Takes(typeof(CreateLoggedModelCall))]
    [Answers(typeof(OneLoggedModel))]
    public async Task<IResult> CreateLoggedModel(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route)] HttpRequest request,
        CancellationToken cancellationToken)
    {
        CreateLoggedModelCall call = await CallFields.ReadBodyAsync<CreateLoggedModelCall>(request, cancellationToken);
        return Answer(await models.CreateAsync(call.Model, TrackingAccess.UserOf(request), cancellationToken));
    }

    [Function(nameof(GetLoggedModel))]
    [Answers(typeof(OneLoggedModel))]
    public async Task<IResult> GetLoggedModel(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = Route + "/{modelId}")] HttpRequest request,
        string modelId,
        CancellationToken cancellationToken) =>
        Answer(await models.GetAsync(modelId, TrackingAccess.UserOf(request), cancellationToken));

    /// <summary>Records whether the upload is complete.</summary>
    [Function(nameof(FinalizeLoggedModel))]
    [Takes(typeof(FinalizeLoggedModelCall))]
    [Answers(typeof(OneLoggedModel))]
    public async Task<IResult> FinalizeLoggedModel(
        [HttpTrigger(AuthorizationLevel.Anonymous, "patch", Route = Route + "/{modelId}")] HttpRequest request,
        string modelId,
        CancellationToken cancellationToken)
    {
        FinalizeLoggedModelCall call = await CallFields.ReadBodyAsync<FinalizeLoggedModelCall>(request, cancellationToken);
        return Answer(await models.ChangeAsync(
            modelId, before => before with { Status = call.Status }, TrackingAccess.UserOf(request), cancellationToken));
    }

    [Function(nameof(DeleteLoggedModel))]
    [Answers(typeof(EmptyAnswer))]
    public async Task<IResult> DeleteLoggedModel(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = Route + "/{modelId}")] HttpRequest request,
        string modelId,
        CancellationToken cancellationToken)
    {
        await models.ChangeAsync(
            modelId, static before => before with { Deleted = true }, TrackingAccess.UserOf(request), cancellationToken);
        return TrackingAnswer.Empty;
    }

    [Function(nameof(SearchLoggedModels))]
    [Takes(typeof(SearchLoggedModelsCall))]
    [Answers(typeof(LoggedModelPage))]
    public async Task<IResult> SearchLoggedModels(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "/search")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        SearchLoggedModelsCall call = await CallFields.ReadBodyAsync<SearchLoggedModelsCall>(request, cancellationToken);
        IReadOnlyList<LoggedModel> found = TrackingSearch.Find(
            await models.ListAsync(call.Experiments, TrackingAccess.UserOf(request), cancellationToken), call.Filter, call.Orders);
        (IReadOnlyList<LoggedModel> page, string? nextPageToken) = PageToken.Cut(found, call.Token, call.Size);
        return TrackingAnswer.Json(new LoggedModelPage([.. page.Select(LoggedModelAnswer.Of)], nextPageToken));
    }

    [Function(nameof(SetLoggedModelTags))]
    [Takes(typeof(SetLoggedModelTagsCall))]
    [Answers(typeof(OneLoggedModel))]
    public async Task<IResult> SetLoggedModelTags(
        [HttpTrigger(AuthorizationLevel.Anonymous, "patch", Route = Route + "/{modelId}/tags")] HttpRequest request,
        string modelId,
        CancellationToken cancellationToken)
    {
        SetLoggedModelTagsCall call = await CallFields.ReadBodyAsync<SetLoggedModelTagsCall>(request, cancellationToken);
        return Answer(await models.ChangeAsync(
            modelId, before => before with { Tags = before.Tags.SetItems(call.Tags) }, TrackingAccess.UserOf(request),
            cancellationToken));
    }

    [Function(nameof(DeleteLoggedModelTag))]
    [Answers(typeof(EmptyAnswer))]
    public async Task<IResult> DeleteLoggedModelTag(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = Route + "/{modelId}/tags/{key}")] HttpRequest request,
        string modelId,
        string key,
        CancellationToken cancellationToken)
    {
        await models.ChangeAsync(
            modelId, before => before with { Tags = before.Tags.Remove(key) }, TrackingAccess.UserOf(request), cancellationToken);
        return TrackingAnswer.Empty;
    }

    [Function(nameof(LogLoggedModelParams))]
    [Takes(typeof(LogLoggedModelParamsCall))]
    [Answers(typeof(EmptyAnswer))]
    public async Task<IResult> LogLoggedModelParams(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "/{modelId}/params")] HttpRequest request,
        string modelId,
        CancellationToken cancellationToken)
    {
        LogLoggedModelParamsCall call = await CallFields.ReadBodyAsync<LogLoggedModelParamsCall>(request, cancellationToken);
        await models.ChangeAsync(
            modelId, before => before with { Params = before.Params.SetItems(call.Params) }, TrackingAccess.UserOf(request),
            cancellationToken);
        return TrackingAnswer.Empty;
    }

    /// <summary>The artifacts of a logged model, by path from its root.</summary>
    [Function(nameof(ListLoggedModelArtifacts))]
    [Takes(typeof(ListLoggedModelArtifactsCall))]
    [Answers(typeof(ArtifactFolder))]
    public async Task<IResult> ListLoggedModelArtifacts(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head",
            Route = Route + "/{modelId}/artifacts/directories")] HttpRequest request,
        string modelId,
        CancellationToken cancellationToken)
    {
        ListLoggedModelArtifactsCall call = CallFields.ReadQuery<ListLoggedModelArtifactsCall>(request);
        TrackingUser user = TrackingAccess.UserOf(request);
        LoggedModel model = await models.GetAsync(modelId, user, cancellationToken);
        var root = ArtifactPath.OfLoggedModel(model.ExperimentId, model.Id);
        return TrackingAnswer.Json(
            new ArtifactFolder(root.Uri, await FileAnswers.ListAsync(artifacts, root, call.Path, user, cancellationToken)));
    }

    private static IResult Answer(LoggedModel model) => TrackingAnswer.Json(new OneLoggedModel(LoggedModelAnswer.Of(model)));
}
