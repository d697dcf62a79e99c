using Microsoft.AspNetCore.Http;
using Modeldrop.Functions.Http;
using Modeldrop.Tracking.Answers;
using Modeldrop.Tracking.Artifacts;
using Modeldrop.Tracking.Calls;
using Modeldrop.Tracking.Protocol;
using Modeldrop.Tracking.Runs;

namespace Modeldrop.Functions.Tracking;

/// <summary>MLflow's runs: create, change, find.</summary>
public sealed class RunFunctions(RunService runs, ArtifactService artifacts)
{
    private const string Route = "api/2.0/mlflow/runs/";

    [Function(nameof(CreateRun))]
    [Takes(typeof(CreateRunCall))]
    [Answers(typeof(OneRun))]
    public async Task<IResult> CreateRun(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "create")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        CreateRunCall call = await CallFields.ReadBodyAsync<CreateRunCall>(request, cancellationToken);
        Run run = await runs.CreateAsync(call.Run, TrackingAccess.UserOf(request), cancellationToken);
        return TrackingAnswer.Json(new OneRun(RunAnswer.Of(run)));
    }

    [Function(nameof(GetRun))]
    [Takes(typeof(RunCall))]
    [Answers(typeof(OneRun))]
    public async Task<IResult> GetRun(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = Route + "get")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        RunCall call = CallFields.ReadQuery<RunCall>(request);
        return TrackingAnswer.Json(
            new OneRun(RunAnswer.Of(await runs.GetAsync(call.Id, TrackingAccess.UserOf(request), cancellationToken))));
    }

    [Function(nameof(UpdateRun))]
    [Takes(typeof(UpdateRunCall))]
    [Answers(typeof(UpdatedRun))]
    public async Task<IResult> UpdateRun(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "update")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        UpdateRunCall call = await CallFields.ReadBodyAsync<UpdateRunCall>(request, cancellationToken);
        Run run = await runs.ChangeAsync(
            call.Id,
            before => before with
            {
                Status = call.Status ?? before.Status,
                EndTime = call.EndTime ?? before.EndTime,
                Name = call.Name ?? before.Name,
                Tags = call.Name is null ? before.Tags : before.Tags.SetItem("mlflow.runName", call.Name),
            },
            TrackingAccess.UserOf(request), cancellationToken);
        return TrackingAnswer.Json(new UpdatedRun(RunInfoAnswer.Of(run)));
    }

    [Function(nameof(SearchRuns))]
    [Takes(typeof(SearchRunsCall))]
    [Answers(typeof(RunPage))]
    public async Task<IResult> SearchRuns(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "search")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        SearchRunsCall call = await CallFields.ReadBodyAsync<SearchRunsCall>(request, cancellationToken);
        IReadOnlyList<Run> found = TrackingSearch.Find(
            await runs.ListAsync(call.Experiments, TrackingAccess.UserOf(request), cancellationToken),
            call.Search.Filter, call.Search.Orders, call.View);
        (IReadOnlyList<Run> page, string? nextPageToken) = PageToken.Cut(found, call.Search.Token, call.Search.Size);
        return TrackingAnswer.Json(new RunPage([.. page.Select(RunAnswer.Of)], nextPageToken));
    }

    [Function(nameof(DeleteRun))]
    [Takes(typeof(RunCall))]
    [Answers(typeof(EmptyAnswer))]
    public async Task<IResult> DeleteRun(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "delete")] HttpRequest request,
        CancellationToken cancellationToken) =>
        await SetDeletedAsync(
            request, await CallFields.ReadBodyAsync<RunCall>(request, cancellationToken), deleted: true, cancellationToken);

    [Function(nameof(RestoreRun))]
    [Takes(typeof(RunCall))]
    [Answers(typeof(EmptyAnswer))]
    public async Task<IResult> RestoreRun(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "restore")] HttpRequest request,
        CancellationToken cancellationToken) =>
        await SetDeletedAsync(
            request, await CallFields.ReadBodyAsync<RunCall>(request, cancellationToken), deleted: false, cancellationToken);

    /// <summary>The artifacts of a run, by path from its root.</summary>
    [Function(nameof(ListRunArtifacts))]
    [Takes(typeof(ListRunArtifactsCall))]
    [Answers(typeof(ArtifactFolder))]
    public async Task<IResult> ListRunArtifacts(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/2.0/mlflow/artifacts/list")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        ListRunArtifactsCall call = CallFields.ReadQuery<ListRunArtifactsCall>(request);
        TrackingUser user = TrackingAccess.UserOf(request);
        Run run = await runs.GetAsync(call.Id, user, cancellationToken);
        var root = ArtifactPath.OfRun(run.ExperimentId, run.Id);
        return TrackingAnswer.Json(
            new ArtifactFolder(root.Uri, await FileAnswers.ListAsync(artifacts, root, call.Path, user, cancellationToken)));
    }

    private async Task<IResult> SetDeletedAsync(HttpRequest request, RunCall call, bool deleted, CancellationToken cancellationToken)
    {
        await runs.ChangeAsync(
            call.Id, before => before with { Deleted = deleted }, TrackingAccess.UserOf(request), cancellationToken);
        return TrackingAnswer.Empty;
    }
}
