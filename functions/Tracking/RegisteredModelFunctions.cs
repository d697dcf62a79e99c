using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Functions.Http;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Tracking.Answers;
using Modeldrop.Tracking.Calls;
using Modeldrop.Tracking.Models;
using Modeldrop.Tracking.Protocol;

namespace Modeldrop.Functions.Tracking;

/// <summary>MLflow's registered models: the models of the registry.</summary>
public sealed class RegisteredModelFunctions(RegistryService registry, RegistryView view, RegistrySearch search, TrackingAccess access)
{
    private const string Route = "api/2.0/mlflow/registered-models/";

    [Function(nameof(CreateRegisteredModel))]
    [Takes(typeof(CreateRegisteredModelCall))]
    [Answers(typeof(OneRegisteredModel))]
    public async Task<IResult> CreateRegisteredModel(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "create")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        CreateRegisteredModelCall call = await CallFields.ReadBodyAsync<CreateRegisteredModelCall>(request, cancellationToken);
        ModelName model = access.Check(request, call.Name);
        ModelHead head = await registry.CreateAsync(
            model, call.Description, call.Tags, new Actor(Caller.IdentityOf(request)), cancellationToken);
        return await AnswerAsync(head, cancellationToken);
    }

    [Function(nameof(GetRegisteredModel))]
    [Takes(typeof(RegisteredModelCall))]
    [Answers(typeof(OneRegisteredModel))]
    public async Task<IResult> GetRegisteredModel(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = Route + "get")] HttpRequest request,
        CancellationToken cancellationToken) =>
        await AnswerAsync(
            await GetAsync(request, CallFields.ReadQuery<RegisteredModelCall>(request).Name, cancellationToken), cancellationToken);

    [Function(nameof(SearchRegisteredModels))]
    [Takes(typeof(SearchRegisteredModelsCall))]
    [Answers(typeof(RegisteredModelPage))]
    public async Task<IResult> SearchRegisteredModels(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = Route + "search")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        SearchFields call = CallFields.ReadQuery<SearchRegisteredModelsCall>(request).Search;
        IReadOnlyList<ModelHead> found = await search.FindModelsAsync(
            call.Filter, call.Orders, model => access.MaySee(request, model), cancellationToken);
        (IReadOnlyList<ModelHead> page, string? nextPageToken) = PageToken.Cut(found, call.Token, call.Size);
        List<RegisteredModelAnswer> registeredModels = [];
        foreach (ModelHead head in page)
        {
            registeredModels.Add(await view.AnswerAsync(head, cancellationToken));
        }

        return TrackingAnswer.Json(new RegisteredModelPage(registeredModels, nextPageToken));
    }

    [Function(nameof(UpdateRegisteredModel))]
    [Takes(typeof(UpdateRegisteredModelCall))]
    [Answers(typeof(OneRegisteredModel))]
    public async Task<IResult> UpdateRegisteredModel(
        [HttpTrigger(AuthorizationLevel.Anonymous, "patch", Route = Route + "update")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        UpdateRegisteredModelCall call = await CallFields.ReadBodyAsync<UpdateRegisteredModelCall>(request, cancellationToken);
        ModelHead head = await GetAsync(request, call.Name, cancellationToken);
        head = await registry.DescribeAsync(
            head.Name, call.Description, tags: null, new Actor(Caller.IdentityOf(request)), cancellationToken);
        return await AnswerAsync(head, cancellationToken);
    }

    /// <summary>Archives the model: its name and history stay.</summary>
    [Function(nameof(DeleteRegisteredModel))]
    [Takes(typeof(RegisteredModelCall))]
    [Answers(typeof(EmptyAnswer))]
    public async Task<IResult> DeleteRegisteredModel(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = Route + "delete")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        RegisteredModelCall call = await CallFields.ReadBodyAsync<RegisteredModelCall>(request, cancellationToken);
        ModelHead head = await GetAsync(request, call.Name, cancellationToken);
        await registry.ArchiveAsync(head.Name, archived: true, new Actor(Caller.IdentityOf(request)), cancellationToken);
        return TrackingAnswer.Empty;
    }

    /// <summary>Not supported: requests, logs and lineage refer to models by name.</summary>
    [Function(nameof(RenameRegisteredModel))]
    [Takes(typeof(RenameRegisteredModelCall))]
    [Answers(null, StatusCodes.Status501NotImplemented)]
    public async Task<IResult> RenameRegisteredModel(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "rename")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        RenameRegisteredModelCall call = await CallFields.ReadBodyAsync<RenameRegisteredModelCall>(request, cancellationToken);
        ModelHead head = await GetAsync(request, call.Name, cancellationToken);
        throw new ServiceException(ErrorCode.NotOffered,
            $"'{head.Name}' cannot be renamed, because predictions and lineage refer to its name. Copy its versions to a new model with "
            + "copy_model_version.");
    }

    [Function(nameof(SetRegisteredModelTag))]
    [Takes(typeof(SetRegisteredModelTagCall))]
    [Answers(typeof(EmptyAnswer))]
    public async Task<IResult> SetRegisteredModelTag(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "set-tag")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        SetRegisteredModelTagCall call = await CallFields.ReadBodyAsync<SetRegisteredModelTagCall>(request, cancellationToken);
        return await TagAsync(request, call.Name, call.Key, call.Value, cancellationToken);
    }

    [Function(nameof(DeleteRegisteredModelTag))]
    [Takes(typeof(DeleteRegisteredModelTagCall))]
    [Answers(typeof(EmptyAnswer))]
    public async Task<IResult> DeleteRegisteredModelTag(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = Route + "delete-tag")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        DeleteRegisteredModelTagCall call = await CallFields.ReadBodyAsync<DeleteRegisteredModelTagCall>(request, cancellationToken);
        return await TagAsync(request, call.Name, call.Key, value: null, cancellationToken);
    }

    [Function(nameof(GetLatestVersions))]
    [Takes(typeof(LatestVersionsCall))]
    [Answers(typeof(ModelVersionPage))]
    public Task<IResult> GetLatestVersions(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = Route + "get-latest-versions")] HttpRequest request,
        CancellationToken cancellationToken) =>
        LatestAsync(request, CallFields.ReadQuery<LatestVersionsCall>(request), cancellationToken);

    [Function(nameof(AskLatestVersions))]
    [Takes(typeof(LatestVersionsCall))]
    [Answers(typeof(ModelVersionPage))]
    public async Task<IResult> AskLatestVersions(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "get-latest-versions")] HttpRequest request,
        CancellationToken cancellationToken) =>
        await LatestAsync(request, await CallFields.ReadBodyAsync<LatestVersionsCall>(request, cancellationToken), cancellationToken);

    private async Task<IResult> LatestAsync(HttpRequest request, LatestVersionsCall call, CancellationToken cancellationToken)
    {
        RegisteredModelAnswer model = await view.AnswerAsync(await GetAsync(request, call.Name, cancellationToken), cancellationToken);
        bool isAsked = call.Stages.Count == 0 || call.Stages.Contains("None", StringComparer.OrdinalIgnoreCase);
        return TrackingAnswer.Json(new ModelVersionPage(isAsked ? model.LatestVersions : [], NextPageToken: null));
    }

    private async Task<IResult> TagAsync(
        HttpRequest request, string name, string key, string? value, CancellationToken cancellationToken)
    {
        ModelHead head = await GetAsync(request, name, cancellationToken);
        await registry.SetTagAsync(head.Name, key, value, new Actor(Caller.IdentityOf(request)), cancellationToken);
        return TrackingAnswer.Empty;
    }

    private async Task<ModelHead> GetAsync(HttpRequest request, string name, CancellationToken cancellationToken) =>
        await view.GetHeadAsync(access.Check(request, name), cancellationToken);

    private async Task<IResult> AnswerAsync(ModelHead head, CancellationToken cancellationToken) =>
        TrackingAnswer.Json(new OneRegisteredModel(await view.AnswerAsync(head, cancellationToken)));
}
