using Microsoft.AspNetCore.Http;
using Modeldrop.Functions.Http;
using Modeldrop.Functions.Tracking;
using Modeldrop.Site.Runs;
using Modeldrop.Tracking.Runs;

namespace Modeldrop.Functions.Site;

/// <summary>The pages of runs that MLflow's client has logged.</summary>
public sealed class RunPages(ExperimentService experiments, RunService runs, LoggedModelService models)
{
    private const int MaxRuns = 200;

    [Function(nameof(ShowRuns))]
    public async Task<IResult> ShowRuns(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "console/runs")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        string? asked = new RequestQuery(request).Text("experiment");
        Experiment? shown = asked is null ? null : await experiments.GetAsync(asked, cancellationToken);
        IReadOnlyList<Run> found = await runs.ListAsync(
            shown is null ? null : [shown.Id], TrackingAccess.UserOf(request), cancellationToken);
        Run[] newest = [.. found.OrderByDescending(run => run.StartTime).Take(MaxRuns)];
        return Answer.Page<RunListPage, RunListView>(
            new RunListView(await experiments.ListAsync(cancellationToken), shown, newest, found.Count));
    }

    [Function(nameof(ShowRun))]
    public async Task<IResult> ShowRun(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "console/runs/{run}")] HttpRequest request, string run,
        CancellationToken cancellationToken)
    {
        TrackingUser user = TrackingAccess.UserOf(request);
        Run found = await runs.GetAsync(run, user, cancellationToken);
        IReadOnlyList<LoggedModel> logged = await models.ListAsync([found.ExperimentId], user, cancellationToken);
        return Answer.Page<RunPage, RunView>(new RunView(
            await experiments.GetAsync(found.ExperimentId, cancellationToken), found,
            [.. logged.Where(model => model.SourceRunId == found.Id).OrderByDescending(model => model.CreatedAt)]));
    }
}
