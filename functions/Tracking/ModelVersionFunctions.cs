using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Functions.Http;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Tracking.Answers;
using Modeldrop.Tracking.Artifacts;
using Modeldrop.Tracking.Models;
using Modeldrop.Tracking.Protocol;

namespace Modeldrop.Functions.Tracking;

/// <summary>MLflow's model versions: the versions of the registry.</summary>
public sealed class ModelVersionFunctions(
    RegistryService registry, VersionStore store, VersionNotesStore notes, RegistryView view, RegistrySearch search,
    VersionFields versions, TrackingAccess access)
{
    private const string Route = "api/2.0/mlflow/model-versions/";
    private const int MaxPage = 10_000;

    private static readonly string[] Stages = ["none", "staging", "production", "archived"];

    [Function(nameof(GetModelVersion))]
    [Answers(typeof(OneModelVersion))]
    public async Task<IResult> GetModelVersion(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = Route + "get")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        (ModelHead head, VersionEntry entry) = await versions.GetAsync(request, CallFields.OfQuery(request), cancellationToken);
        return await AnswerAsync(head, entry, cancellationToken);
    }

    [Function(nameof(SearchModelVersions))]
    [Answers(typeof(ModelVersionPage))]
    public async Task<IResult> SearchModelVersions(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = Route + "search")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        CallFields fields = CallFields.OfQuery(request);
        string? filter = fields.Text("filter");
        IReadOnlyList<string> orders = fields.Texts("order_by");
        int size = fields.Count("max_results", byDefault: MaxPage, MaxPage);
        string? token = fields.Text("page_token");
        fields.Check();
        IReadOnlyList<ModelVersionAnswer> found = await search.FindVersionsAsync(
            filter, orders, model => access.MaySee(request, model), cancellationToken);
        (IReadOnlyList<ModelVersionAnswer> modelVersions, string? nextPageToken) = PageToken.Cut(found, token, size);
        return TrackingAnswer.Json(new ModelVersionPage(modelVersions, nextPageToken));
    }

    /// <summary>The location of the registered files, which never change; not the source that they were copied from.</summary>
    [Function(nameof(GetDownloadUri))]
    [Answers(typeof(DownloadUri))]
    public async Task<IResult> GetDownloadUri(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = Route + "get-download-uri")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        (ModelHead head, VersionEntry entry) = await versions.GetAsync(request, CallFields.OfQuery(request), cancellationToken);
        return TrackingAnswer.Json(new DownloadUri(ArtifactPath.OfVersion(new VersionName(head.Name, entry.Number)).Uri));
    }

    [Function(nameof(UpdateModelVersion))]
    [Answers(typeof(OneModelVersion))]
    public async Task<IResult> UpdateModelVersion(
        [HttpTrigger(AuthorizationLevel.Anonymous, "patch", Route = Route + "update")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        CallFields fields = await CallFields.OfBodyAsync(request, cancellationToken);
        string description = fields.Text("description", maxChars: 100_000) ?? "";
        (ModelHead head, VersionEntry entry) = await versions.GetAsync(request, fields, cancellationToken);
        await notes.ChangeAsync(
            new VersionName(head.Name, entry.Number), said => said with { Description = description }, cancellationToken);
        return await AnswerAsync(head, entry, cancellationToken);
    }

    /// <summary>Takes a version out of use for good and deletes its files; its record and report stay.</summary>
    [Function(nameof(DeleteModelVersion))]
    [Answers(typeof(EmptyAnswer))]
    public async Task<IResult> DeleteModelVersion(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = Route + "delete")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        CallFields fields = await CallFields.OfBodyAsync(request, cancellationToken);
        (ModelHead head, VersionEntry entry) = await versions.GetAsync(request, fields, cancellationToken);
        var name = new VersionName(head.Name, entry.Number);
        var actor = new Actor(Caller.IdentityOf(request), "Deleted by MLflow's client.");
        if (!await registry.DeleteVersionAsync(name, actor, cancellationToken))
        {
            throw new ServiceException(ErrorCode.InvalidRequest,
                $"Version {entry.Number} of '{head.Name}' is {entry.Status}, or an alias, a rollout, a roll back or a shadow refers to it: "
                + "only rejected and retired versions can be deleted. Remove the references first.");
        }

        await store.DeleteFilesAsync(name, cancellationToken);
        return TrackingAnswer.Empty;
    }

    /// <summary>Not supported: the error explains that aliases replace stages.</summary>
    [Function(nameof(TransitionModelVersionStage))]
    [Answers(typeof(OneModelVersion))]
    public async Task<IResult> TransitionModelVersionStage(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "transition-stage")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        CallFields fields = await CallFields.OfBodyAsync(request, cancellationToken);
        string stage = fields.Required("stage");
        if (stage.Length > 0 && !Stages.Contains(stage.ToLowerInvariant()))
        {
            fields.Refuse($"Invalid Model Version stage: {stage}. Value must be one of None, Staging, Production, Archived.");
        }

        (ModelHead head, VersionEntry entry) = await versions.GetAsync(request, fields, cancellationToken);
        return stage.Equals("None", StringComparison.OrdinalIgnoreCase)
            ? await AnswerAsync(head, entry, cancellationToken)
            : throw new ServiceException(ErrorCode.InvalidRequest,
                $"Stages are not supported. Set an alias instead: set_registered_model_alias('{head.Name}', 'champion', '{entry.Number}') "
                + "makes the version serve.");
    }

    [Function(nameof(SetModelVersionTag))]
    [Answers(typeof(EmptyAnswer))]
    public async Task<IResult> SetModelVersionTag(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "set-tag")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        CallFields fields = await CallFields.OfBodyAsync(request, cancellationToken);
        return await TagAsync(request, fields, fields.Text("value") ?? "", cancellationToken);
    }

    [Function(nameof(DeleteModelVersionTag))]
    [Answers(typeof(EmptyAnswer))]
    public async Task<IResult> DeleteModelVersionTag(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = Route + "delete-tag")] HttpRequest request,
        CancellationToken cancellationToken) =>
        await TagAsync(request, await CallFields.OfBodyAsync(request, cancellationToken), value: null, cancellationToken);

    private async Task<IResult> TagAsync(HttpRequest request, CallFields fields, string? value, CancellationToken cancellationToken)
    {
        string key = fields.Required("key");
        (ModelHead head, VersionEntry entry) = await versions.GetAsync(request, fields, cancellationToken);
        await notes.ChangeAsync(
            new VersionName(head.Name, entry.Number),
            said => said with { Tags = value is null ? said.Tags.Remove(key) : said.Tags.SetItem(key, value) },
            cancellationToken);
        return TrackingAnswer.Empty;
    }

    private async Task<IResult> AnswerAsync(ModelHead head, VersionEntry entry, CancellationToken cancellationToken) =>
        TrackingAnswer.Json(new OneModelVersion(await view.AnswerAsync(head, entry, cancellationToken)));
}
