using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Functions.Http;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Functions.Registry;

/// <summary>The registered models.</summary>
public sealed class ModelFunctions(RegistryService registry)
{
    private sealed record ModelPatch(string? Description, IReadOnlyDictionary<string, string>? Tags, bool? Archived, string? Reason);

    [Function(nameof(ListModels))]
    [Answers(typeof(ModelPage))]
    public async Task<IResult> ListModels(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/models")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        var query = new RequestQuery(request);
        var wanted = new ModelQuery(
            query.Text("search"), query.Text("tag"), query.Number("page", min: 1) ?? 1, Archived: query.Flag("archived") ?? false)
        {
            Sees = Caller.SeesIn(request),
        };
        query.Check();
        return Answer.Json(await registry.ListAsync(wanted, cancellationToken));
    }

    /// <summary>Returns the model; with <c>?at=</c> as it was at that instant.</summary>
    [Function(nameof(GetModel))]
    [Answers(typeof(ModelHead))]
    public async Task<IResult> GetModel(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/models/{model}")] HttpRequest request, string model,
        CancellationToken cancellationToken)
    {
        ModelName name = ModelName.Parse(model);
        var query = new RequestQuery(request);
        DateTimeOffset? at = query.Instant("at");
        query.Check();
        return Answer.Json(at is { } instant
            ? await registry.FindAtAsync(name, instant, cancellationToken)
                ?? throw new ServiceException(ErrorCode.ModelNotFound, $"There was no model '{name}' at {query.Text("at")}.")
            : await registry.GetAsync(name, cancellationToken));
    }

    [Function(nameof(PatchModel))]
    [Takes(typeof(ModelPatch))]
    [Answers(typeof(ModelHead))]
    public async Task<IResult> PatchModel(
        [HttpTrigger(AuthorizationLevel.Anonymous, "patch", Route = "api/models/{model}")] HttpRequest request,
        string model,
        CancellationToken cancellationToken)
    {
        ModelPatch patch = await RequestBody.ReadAsync<ModelPatch>(request, optional: false, cancellationToken);
        ModelName name = ModelName.Parse(model);
        var actor = new Actor(Caller.IdentityOf(request), patch.Reason);
        await registry.GetAsync(name, cancellationToken);
        ModelHead head = await registry.DescribeAsync(name, patch.Description, patch.Tags, actor, cancellationToken);
        if (patch.Archived is { } archived)
        {
            head = await registry.ArchiveAsync(name, archived, actor, cancellationToken);
        }

        return Answer.Json(head);
    }

    /// <summary>Archives the model: it stops serving, but its history stays.</summary>
    [Function(nameof(DeleteModel))]
    [Answers(typeof(ModelHead))]
    public async Task<IResult> DeleteModel(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/models/{model}")] HttpRequest request,
        string model,
        CancellationToken cancellationToken) =>
        Answer.Json(
            await registry.ArchiveAsync(ModelName.Parse(model), archived: true, new Actor(Caller.IdentityOf(request)), cancellationToken));
}
