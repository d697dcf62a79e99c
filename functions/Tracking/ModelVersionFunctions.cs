using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Functions.Http;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Tracking.Answers;
using Modeldrop.Tracking.Artifacts;
using Modeldrop.Tracking.Calls;
using Modeldrop.Tracking.Models;
using Modeldrop.Tracking.Protocol;

namespace Modeldrop.Functions.Tracking;

/// <summary>MLflow's model versions: the versions of the registry.</summary>
public sealed class ModelVersionFunctions(
    RegistryService registry, VersionStore store, VersionNotesStore notes, RegistryView view, RegistrySearch search,
    VersionFields versions, TrackingAccess access)
{
    private const string Route = "api/2.0/mlflow/model-versions/";

    [Function(nameof(GetModelVersion))]
    [Takes(typeof(ModelVersionCall))]
    [Answers(typeof(OneModelVersion))]
    public async Task<IResult> GetModelVersion(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = Route + "get")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        (ModelHead head, VersionEntry entry) = await versions.GetAsync(
            request, CallFields.ReadQuery<ModelVersionCall>(request), cancellationToken);
        return await AnswerAsync(head, entry, cancellationToken);
    }

    [Function(nameof(SearchModelVersions))]
    [Takes(typeof(SearchModelVersionsCall))]
    [Answers(typeof(ModelVersionPage))]
    public async Task<IResult> SearchModelVersions(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = Route + "search")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        SearchFields call = CallFields.ReadQuery<SearchModelVersionsCall>(request).Search;
        IReadOnlyList<ModelVersionAnswer> found = await search.FindVersionsAsync(
            call.Filter, call.Orders, model => access.MaySee(request, model), cancellationToken);
        (IReadOnlyList<ModelVersionAnswer> modelVersions, string? nextPageToken) = PageToken.Cut(found, call.Token, call.Size);
        return TrackingAnswer.Json(new ModelVersionPage(modelVersions, nextPageToken));
    }

    /// <summary>The location of the registered files, which never change; not the source that they were copied from.</summary>
    [Function(nameof(GetDownloadUri))]
    [Takes(typeof(ModelVersionCall))]
    [Answers(typeof(DownloadUri))]
    public async Task<IResult> GetDownloadUri(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = Route + "get-download-uri")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        (ModelHead head, VersionEntry entry) = await versions.GetAsync(
            request, CallFields.ReadQuery<ModelVersionCall>(request), cancellationToken);
        return TrackingAnswer.Json(new DownloadUri(ArtifactPath.OfVersion(new VersionName(head.Name, entry.Number)).Uri));
    }

    [Function(nameof(UpdateModelVersion))]
    [Takes(typeof(UpdateModelVersionCall))]
    [Answers(typeof(OneModelVersion))]
    public async Task<IResult> UpdateModelVersion(
        [HttpTrigger(AuthorizationLevel.Anonymous, "patch", Route = Route + "update")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        UpdateModelVersionCall call = await CallFields.ReadBodyAsync<UpdateModelVersionCall>(request, cancellationToken);
        (ModelHead head, VersionEntry entry) = await versions.GetAsync(request, call.Version, cancellationToken);
        await notes.ChangeAsync(
            new VersionName(head.Name, entry.Number), said => said with { Description = call.Description }, cancellationToken);
        return await AnswerAsync(head, entry, cancellationToken);
    }

    /// <summary>Takes a version out of use for good and deletes its files; its record and report stay.</summary>
    [Function(nameof(DeleteModelVersion))]
    [Takes(typeof(ModelVersionCall))]
    [Answers(typeof(EmptyAnswer))]
    public async Task<IResult> DeleteModelVersion(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = Route + "delete")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        ModelVersionCall call = await CallFields.ReadBodyAsync<ModelVersionCall>(request, cancellationToken);
        (ModelHead head, VersionEntry entry) = await versions.GetAsync(request, call, cancellationToken);
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
    [Takes(typeof(TransitionStageCall))]
    [Answers(typeof(OneModelVersion))]
    public async Task<IResult> TransitionModelVersionStage(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "transition-stage")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        TransitionStageCall call = await CallFields.ReadBodyAsync<TransitionStageCall>(request, cancellationToken);
        (ModelHead head, VersionEntry entry) = await versions.GetAsync(request, call.Version, cancellationToken);
        return call.Stage == "None"
            ? await AnswerAsync(head, entry, cancellationToken)
            : throw new ServiceException(ErrorCode.InvalidRequest,
                $"Stages are not supported. Set an alias instead: set_registered_model_alias('{head.Name}', 'champion', '{entry.Number}') "
                + "makes the version serve.");
    }

    [Function(nameof(SetModelVersionTag))]
    [Takes(typeof(SetModelVersionTagCall))]
    [Answers(typeof(EmptyAnswer))]
    public async Task<IResult> SetModelVersionTag(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "set-tag")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        SetModelVersionTagCall call = await CallFields.ReadBodyAsync<SetModelVersionTagCall>(request, cancellationToken);
        return await TagAsync(request, call.Version, tags => tags.SetItem(call.Key, call.Value), cancellationToken);
    }

    [Function(nameof(DeleteModelVersionTag))]
    [Takes(typeof(DeleteModelVersionTagCall))]
    [Answers(typeof(EmptyAnswer))]
    public async Task<IResult> DeleteModelVersionTag(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = Route + "delete-tag")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        DeleteModelVersionTagCall call = await CallFields.ReadBodyAsync<DeleteModelVersionTagCall>(request, cancellationToken);
        return await TagAsync(request, call.Version, tags => tags.Remove(call.Key), cancellationToken);
    }

    private async Task<IResult> TagAsync(
        HttpRequest request, ModelVersionCall version,
        Func<ImmutableSortedDictionary<string, string>, ImmutableSortedDictionary<string, string>> change,
        CancellationToken cancellationToken)
    {
        (ModelHead head, VersionEntry entry) = await versions.GetAsync(request, version, cancellationToken);
        await notes.ChangeAsync(
            new VersionName(head.Name, entry.Number), said => said with { Tags = change(said.Tags) }, cancellationToken);
        return TrackingAnswer.Empty;
    }

    private async Task<IResult> AnswerAsync(ModelHead head, VersionEntry entry, CancellationToken cancellationToken) =>
        TrackingAnswer.Json(new OneModelVersion(await view.AnswerAsync(head, entry, cancellationToken)));
}
