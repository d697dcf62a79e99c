using Microsoft.AspNetCore.Http;
using Modeldrop.Functions.Http;
using Modeldrop.Tracking.Answers;
using Modeldrop.Tracking.Artifacts;
using Modeldrop.Tracking.Protocol;
using Modeldrop.Tracking.Runs;

namespace Modeldrop.Functions.Tracking;

/// <summary>MLflow's runs: create, change, find.</summary>
public sealed class RunFunctions(RunService runs, ArtifactService artifacts)
{
    private const string Route = "api/2.0/mlflow/runs/";
    private const int MaxPage = 50_000;

    private static readonly string[] Statuses = ["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"];

    [Function(nameof(CreateRun))]
    [Answers(typeof(OneRun))]
    public async Task<IResult> CreateRun(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "create")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        CallFields fields = await CallFields.OfBodyAsync(request, cancellationToken);
        var asked = new NewRun(
            fields.Text("experiment_id", maxChars: 250) ?? TrackingIds.DefaultExperiment,
            fields.Text("run_name", maxChars: 250),
            fields.Text("user_id", maxChars: 250),
            fields.Number("start_time"),
            fields.Pairs("tags"));
        fields.Check();
        Run run = await runs.CreateAsync(asked, TrackingAccess.UserOf(request), cancellationToken);
        return TrackingAnswer.Json(new OneRun(RunAnswer.Of(run)));
    }

    [Function(nameof(GetRun))]
    [Answers(typeof(OneRun))]
    public async Task<IResult> GetRun(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = Route + "get")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        string id = RunFields.IdOf(CallFields.OfQuery(request), check: true);
        return TrackingAnswer.Json(
            new OneRun(RunAnswer.Of(await runs.GetAsync(id, TrackingAccess.UserOf(request), cancellationToken))));
    }

    [Function(nameof(UpdateRun))]
    [Answers(typeof(UpdatedRun))]
    public async Task<IResult> UpdateRun(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "update")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        CallFields fields = await CallFields.OfBodyAsync(request, cancellationToken);
        string id = RunFields.IdOf(fields, check: false);
        string? status = fields.Text("status");
        status = int.TryParse(status, out int number) && number >= 1 && number <= Statuses.Length ? Statuses[number - 1] : status;
        if (status is not null && !Statuses.Contains(status))
        {
            fields.Refuse($"'status' is '{status}'; it must be one of {string.Join(", ", Statuses)}.");
        }

        long? end = fields.Number("end_time");
        string? name = fields.Text("run_name", maxChars: 250);
        fields.Check();
        Run run = await runs.ChangeAsync(
            id,
            before => before with
            {
                Status = status ?? before.Status,
                EndTime = end ?? before.EndTime,
                Name = name ?? before.Name,
                Tags = name is null ? before.Tags : before.Tags.SetItem("mlflow.runName", name),
            },
            TrackingAccess.UserOf(request), cancellationToken);
        return TrackingAnswer.Json(new UpdatedRun(RunInfoAnswer.Of(run)));
    }

    [Function(nameof(SearchRuns))]
    [Answers(typeof(RunPage))]
    public async Task<IResult> SearchRuns(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "search")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        CallFields fields = await CallFields.OfBodyAsync(request, cancellationToken);
        IReadOnlyList<string> experiments = fields.Texts("experiment_ids");
        string? filter = fields.Text("filter");
        IReadOnlyList<string> orders = fields.Texts("order_by");
        ViewType view = ViewFields.Of(fields, "run_view_type");
        int size = fields.Count("max_results", byDefault: 1_000, MaxPage);
        string? token = fields.Text("page_token");
        fields.Check();
        IReadOnlyList<Run> found = TrackingSearch.Find(
            await runs.ListAsync(experiments, TrackingAccess.UserOf(request), cancellationToken), filter, orders, view);
        (IReadOnlyList<Run> page, string? nextPageToken) = PageToken.Cut(found, token, size);
        return TrackingAnswer.Json(new RunPage([.. page.Select(RunAnswer.Of)], nextPageToken));
    }

    [Function(nameof(DeleteRun))]
    [Answers(typeof(EmptyAnswer))]
    public Task<IResult> DeleteRun(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "delete")] HttpRequest request,
        CancellationToken cancellationToken) =>
        SetDeletedAsync(request, deleted: true, cancellationToken);

    [Function(nameof(RestoreRun))]
    [Answers(typeof(EmptyAnswer))]
    public Task<IResult> RestoreRun(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "restore")] HttpRequest request,
        CancellationToken cancellationToken) =>
        SetDeletedAsync(request, deleted: false, cancellationToken);

    /// <summary>The artifacts of a run, by path from its root.</summary>
    [Function(nameof(ListRunArtifacts))]
    [Answers(typeof(ArtifactFolder))]
    public async Task<IResult> ListRunArtifacts(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/2.0/mlflow/artifacts/list")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        CallFields fields = CallFields.OfQuery(request);
        string? path = fields.Text("path")?.Trim('/');
        TrackingUser user = TrackingAccess.UserOf(request);
        Run run = await runs.GetAsync(RunFields.IdOf(fields, check: true), user, cancellationToken);
        var root = ArtifactPath.OfRun(run.ExperimentId, run.Id);
        return TrackingAnswer.Json(
            new ArtifactFolder(root.Uri, await FileAnswers.ListAsync(artifacts, root, path, user, cancellationToken)));
    }

    private async Task<IResult> SetDeletedAsync(HttpRequest request, bool deleted, CancellationToken cancellationToken)
    {
        string id = RunFields.IdOf(await CallFields.OfBodyAsync(request, cancellationToken), check: true);
        await runs.ChangeAsync(
            id, before => before with { Deleted = deleted }, TrackingAccess.UserOf(request), cancellationToken);
        return TrackingAnswer.Empty;
    }
}
