using Microsoft.AspNetCore.Http;
using Modeldrop.Functions.Http;
using Modeldrop.Tracking.Answers;
using Modeldrop.Tracking.Artifacts;
using Modeldrop.Tracking.Protocol;
using Modeldrop.Tracking.Runs;

namespace Modeldrop.Functions.Tracking;

/// <summary>MLflow's logged models: the output of <c>log_model</c> in MLflow 3.</summary>
public sealed class LoggedModelFunctions(LoggedModelService models, ArtifactService artifacts)
{
    private const string Route = "api/2.0/mlflow/logged-models";
    private const int MaxPage = 1_000;

    private static readonly string[] Statuses = [LoggedModelService.Pending, LoggedModelService.Ready, LoggedModelService.UploadFailed];

    [Function(nameof(CreateLoggedModel))]
    [Answers(typeof(OneLoggedModel))]
    public async Task<IResult> CreateLoggedModel(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route)] HttpRequest request,
        CancellationToken cancellationToken)
    {
        CallFields fields = await CallFields.OfBodyAsync(request, cancellationToken);
        var asked = new NewLoggedModel(
            fields.Required("experiment_id"),
            fields.Text("name", maxChars: 250),
            fields.Text("model_type", maxChars: 250),
            fields.Text("source_run_id", maxChars: 250),
            fields.Pairs("params", max: 1_000),
            fields.Pairs("tags"));
        fields.Check();
        return Answer(await models.CreateAsync(asked, TrackingAccess.UserOf(request), cancellationToken));
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
    [Answers(typeof(OneLoggedModel))]
    public async Task<IResult> FinalizeLoggedModel(
        [HttpTrigger(AuthorizationLevel.Anonymous, "patch", Route = Route + "/{modelId}")] HttpRequest request,
        string modelId,
        CancellationToken cancellationToken)
    {
        CallFields fields = await CallFields.OfBodyAsync(request, cancellationToken);
        string status = fields.Required("status");
        status = int.TryParse(status, out int number) && number >= 1 && number <= Statuses.Length ? Statuses[number - 1] : status;
        if (status.Length > 0 && !Statuses.Contains(status))
        {
            fields.Refuse($"'status' is '{status}'; it must be one of {string.Join(", ", Statuses)}.");
        }

        fields.Check();
        return Answer(await models.ChangeAsync(
            modelId, before => before with { Status = status }, TrackingAccess.UserOf(request), cancellationToken));
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
    [Answers(typeof(LoggedModelPage))]
    public async Task<IResult> SearchLoggedModels(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "/search")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        CallFields fields = await CallFields.OfBodyAsync(request, cancellationToken);
        IReadOnlyList<string> experiments = fields.Texts("experiment_ids");
        string? filter = fields.Text("filter");
        string[] orders = [.. fields.Objects("order_by", max: 10)
            .Select(order => $"{order.Required("field_name")} {(order.Flag("ascending") == false ? "DESC" : "ASC")}")];
        int size = fields.Count("max_results", byDefault: 100, MaxPage);
        string? token = fields.Text("page_token");
        fields.Check();
        IReadOnlyList<LoggedModel> found = TrackingSearch.Find(
            await models.ListAsync(experiments, TrackingAccess.UserOf(request), cancellationToken), filter, orders);
        (IReadOnlyList<LoggedModel> page, string? nextPageToken) = PageToken.Cut(found, token, size);
        return TrackingAnswer.Json(new LoggedModelPage([.. page.Select(LoggedModelAnswer.Of)], nextPageToken));
    }

    [Function(nameof(SetLoggedModelTags))]
    [Answers(typeof(OneLoggedModel))]
    public async Task<IResult> SetLoggedModelTags(
        [HttpTrigger(AuthorizationLevel.Anonymous, "patch", Route = Route + "/{modelId}/tags")] HttpRequest request,
        string modelId,
        CancellationToken cancellationToken)
    {
        CallFields fields = await CallFields.OfBodyAsync(request, cancellationToken);
        IReadOnlyDictionary<string, string> tags = fields.Pairs("tags");
        fields.Check();
        return Answer(await models.ChangeAsync(
            modelId, before => before with { Tags = before.Tags.SetItems(tags) }, TrackingAccess.UserOf(request), cancellationToken));
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
    [Answers(typeof(EmptyAnswer))]
    public async Task<IResult> LogLoggedModelParams(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "/{modelId}/params")] HttpRequest request,
        string modelId,
        CancellationToken cancellationToken)
    {
        CallFields fields = await CallFields.OfBodyAsync(request, cancellationToken);
        IReadOnlyDictionary<string, string> parameters = fields.Pairs("params", max: 1_000);
        fields.Check();
        await models.ChangeAsync(
            modelId, before => before with { Params = before.Params.SetItems(parameters) }, TrackingAccess.UserOf(request),
            cancellationToken);
        return TrackingAnswer.Empty;
    }

    /// <summary>The artifacts of a logged model, by path from its root.</summary>
    [Function(nameof(ListLoggedModelArtifacts))]
    [Answers(typeof(ArtifactFolder))]
    public async Task<IResult> ListLoggedModelArtifacts(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head",
            Route = Route + "/{modelId}/artifacts/directories")] HttpRequest request,
        string modelId,
        CancellationToken cancellationToken)
    {
        CallFields fields = CallFields.OfQuery(request);
        string? path = fields.Text("artifact_directory_path")?.Trim('/');
        fields.Check();
        TrackingUser user = TrackingAccess.UserOf(request);
        LoggedModel model = await models.GetAsync(modelId, user, cancellationToken);
        var root = ArtifactPath.OfLoggedModel(model.ExperimentId, model.Id);
        return TrackingAnswer.Json(
            new ArtifactFolder(root.Uri, await FileAnswers.ListAsync(artifacts, root, path, user, cancellationToken)));
    }

    private static IResult Answer(LoggedModel model) => TrackingAnswer.Json(new OneLoggedModel(LoggedModelAnswer.Of(model)));
}
