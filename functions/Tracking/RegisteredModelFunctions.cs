using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Functions.Http;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Tracking.Answers;
using Modeldrop.Tracking.Models;
using Modeldrop.Tracking.Protocol;

namespace Modeldrop.Functions.Tracking;

/// <summary>MLflow's registered models: the models of the registry.</summary>
public sealed class RegisteredModelFunctions(RegistryService registry, RegistryView view, RegistrySearch search, TrackingAccess access)
{
    private const string Route = "api/2.0/mlflow/registered-models/";
    private const int MaxPage = 1_000;

    [Function(nameof(CreateRegisteredModel))]
    [Answers(typeof(OneRegisteredModel))]
    public async Task<IResult> CreateRegisteredModel(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "create")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        CallFields fields = await CallFields.OfBodyAsync(request, cancellationToken);
        string name = fields.Required("name");
        string? description = fields.Text("description", maxChars: 100_000);
        IReadOnlyDictionary<string, string> tags = fields.Pairs("tags");
        fields.Check();
        ModelName model = access.Check(request, name);
        ModelHead head = await registry.CreateAsync(
            model, description, tags, new Actor(Caller.IdentityOf(request)), cancellationToken);
        return await AnswerAsync(head, cancellationToken);
    }

    [Function(nameof(GetRegisteredModel))]
    [Answers(typeof(OneRegisteredModel))]
    public async Task<IResult> GetRegisteredModel(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = Route + "get")] HttpRequest request,
        CancellationToken cancellationToken) =>
        await AnswerAsync(await GetAsync(request, CallFields.OfQuery(request), cancellationToken), cancellationToken);

    [Function(nameof(SearchRegisteredModels))]
    [Answers(typeof(RegisteredModelPage))]
    public async Task<IResult> SearchRegisteredModels(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = Route + "search")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        CallFields fields = CallFields.OfQuery(request);
        string? filter = fields.Text("filter");
        IReadOnlyList<string> orders = fields.Texts("order_by");
        int size = fields.Count("max_results", byDefault: 100, MaxPage);
        string? token = fields.Text("page_token");
        fields.Check();
        IReadOnlyList<ModelHead> found = await search.FindModelsAsync(
            filter, orders, model => access.MaySee(request, model), cancellationToken);
        (IReadOnlyList<ModelHead> page, string? nextPageToken) = PageToken.Cut(found, token, size);
        List<RegisteredModelAnswer> registeredModels = [];
        foreach (ModelHead head in page)
        {
            registeredModels.Add(await view.AnswerAsync(head, cancellationToken));
        }

        return TrackingAnswer.Json(new RegisteredModelPage(registeredModels, nextPageToken));
    }

    [Function(nameof(UpdateRegisteredModel))]
    [Answers(typeof(OneRegisteredModel))]
    public async Task<IResult> UpdateRegisteredModel(
        [HttpTrigger(AuthorizationLevel.Anonymous, "patch", Route = Route + "update")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        CallFields fields = await CallFields.OfBodyAsync(request, cancellationToken);
        string description = fields.Text("description", maxChars: 100_000) ?? "";
        ModelHead head = await GetAsync(request, fields, cancellationToken);
        head = await registry.DescribeAsync(
            head.Name, description, tags: null, new Actor(Caller.IdentityOf(request)), cancellationToken);
        return await AnswerAsync(head, cancellationToken);
    }

    /// <summary>Archives the model: its name and history stay.</summary>
    [Function(nameof(DeleteRegisteredModel))]
    [Answers(typeof(EmptyAnswer))]
    public async Task<IResult> DeleteRegisteredModel(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = Route + "delete")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        ModelHead head = await GetAsync(request, await CallFields.OfBodyAsync(request, cancellationToken), cancellationToken);
        await registry.ArchiveAsync(head.Name, archived: true, new Actor(Caller.IdentityOf(request)), cancellationToken);
        return TrackingAnswer.Empty;
    }

    /// <summary>Not supported: requests, logs and lineage refer to models by name.</summary>
    [Function(nameof(RenameRegisteredModel))]
    [Answers(null, StatusCodes.Status501NotImplemented)]
    public async Task<IResult> RenameRegisteredModel(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "rename")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        ModelHead head = await GetAsync(request, await CallFields.OfBodyAsync(request, cancellationToken), cancellationToken);
        throw new ServiceException(ErrorCode.NotOffered,
            $"'{head.Name}' cannot be renamed, because predictions and lineage refer to its name. Copy its versions to a new model with "
            + "copy_model_version.");
    }

    [Function(nameof(SetRegisteredModelTag))]
    [Answers(typeof(EmptyAnswer))]
    public async Task<IResult> SetRegisteredModelTag(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "set-tag")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        CallFields fields = await CallFields.OfBodyAsync(request, cancellationToken);
        return await TagAsync(request, fields, fields.Text("value") ?? "", cancellationToken);
    }

    [Function(nameof(DeleteRegisteredModelTag))]
    [Answers(typeof(EmptyAnswer))]
    public async Task<IResult> DeleteRegisteredModelTag(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = Route + "delete-tag")] HttpRequest request,
        CancellationToken cancellationToken) =>
        await TagAsync(request, await CallFields.OfBodyAsync(request, cancellationToken), value: null, cancellationToken);

    [Function(nameof(GetLatestVersions))]
    [Answers(typeof(ModelVersionPage))]
    public Task<IResult> GetLatestVersions(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = Route + "get-latest-versions")] HttpRequest request,
        CancellationToken cancellationToken) =>
        LatestAsync(request, CallFields.OfQuery(request), cancellationToken);

    [Function(nameof(AskLatestVersions))]
    [Answers(typeof(ModelVersionPage))]
    public async Task<IResult> AskLatestVersions(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "get-latest-versions")] HttpRequest request,
        CancellationToken cancellationToken) =>
        await LatestAsync(request, await CallFields.OfBodyAsync(request, cancellationToken), cancellationToken);

    private async Task<IResult> LatestAsync(HttpRequest request, CallFields fields, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> stages = fields.Texts("stages");
        RegisteredModelAnswer model = await view.AnswerAsync(await GetAsync(request, fields, cancellationToken), cancellationToken);
        bool isAsked = stages.Count == 0 || stages.Contains("None", StringComparer.OrdinalIgnoreCase);
        return TrackingAnswer.Json(new ModelVersionPage(isAsked ? model.LatestVersions : [], NextPageToken: null));
    }

    private async Task<IResult> TagAsync(HttpRequest request, CallFields fields, string? value, CancellationToken cancellationToken)
    {
        string key = fields.Required("key");
        ModelHead head = await GetAsync(request, fields, cancellationToken);
        await registry.SetTagAsync(head.Name, key, value, new Actor(Caller.IdentityOf(request)), cancellationToken);
        return TrackingAnswer.Empty;
    }

    private async Task<ModelHead> GetAsync(HttpRequest request, CallFields fields, CancellationToken cancellationToken)
    {
        string name = fields.Required("name");
        fields.Check();
        return await view.GetHeadAsync(access.Check(request, name), cancellationToken);
    }

    private async Task<IResult> AnswerAsync(ModelHead head, CancellationToken cancellationToken) =>
        TrackingAnswer.Json(new OneRegisteredModel(await view.AnswerAsync(head, cancellationToken)));
}
