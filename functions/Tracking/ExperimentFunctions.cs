using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Functions.Http;
using Modeldrop.Tracking.Answers;
using Modeldrop.Tracking.Calls;
using Modeldrop.Tracking.Protocol;
using Modeldrop.Tracking.Runs;

namespace Modeldrop.Functions.Tracking;

/// <summary>MLflow's experiments.</summary>
public sealed class ExperimentFunctions(ExperimentService experiments)
{
    private const string Route = "api/2.0/mlflow/experiments/";

    [Function(nameof(CreateExperiment))]
    [Takes(typeof(CreateExperimentCall))]
    [Answers(typeof(CreatedExperiment))]
    public async Task<IResult> CreateExperiment(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "create")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        CreateExperimentCall call = await CallFields.ReadBodyAsync<CreateExperimentCall>(request, cancellationToken);
        Experiment experiment = await experiments.CreateAsync(
            call.Name, call.Tags, TrackingAccess.UserOf(request), cancellationToken);
        return TrackingAnswer.Json(new CreatedExperiment(experiment.Id));
    }

    [Function(nameof(GetExperiment))]
    [Takes(typeof(ExperimentCall))]
    [Answers(typeof(OneExperiment))]
    public async Task<IResult> GetExperiment(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = Route + "get")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        ExperimentCall call = CallFields.ReadQuery<ExperimentCall>(request);
        return TrackingAnswer.Json(new OneExperiment(ExperimentAnswer.Of(await experiments.GetAsync(call.Id, cancellationToken))));
    }

    [Function(nameof(GetExperimentByName))]
    [Takes(typeof(ExperimentNameCall))]
    [Answers(typeof(OneExperiment))]
    public async Task<IResult> GetExperimentByName(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = Route + "get-by-name")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        ExperimentNameCall call = CallFields.ReadQuery<ExperimentNameCall>(request);
        return TrackingAnswer.Json(
            new OneExperiment(ExperimentAnswer.Of(await experiments.GetByNameAsync(call.Name, cancellationToken))));
    }

    [Function(nameof(SearchExperiments))]
    [Takes(typeof(SearchExperimentsCall))]
    [Answers(typeof(ExperimentPage))]
    public async Task<IResult> SearchExperiments(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "search")] HttpRequest request,
        CancellationToken cancellationToken) =>
        await SearchAsync(await CallFields.ReadBodyAsync<SearchExperimentsCall>(request, cancellationToken), cancellationToken);

    [Function(nameof(ListExperiments))]
    [Takes(typeof(SearchExperimentsCall))]
    [Answers(typeof(ExperimentPage))]
    public Task<IResult> ListExperiments(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = Route + "search")] HttpRequest request,
        CancellationToken cancellationToken) =>
        SearchAsync(CallFields.ReadQuery<SearchExperimentsCall>(request), cancellationToken);

    /// <summary>Not supported: scripts find an experiment by its name.</summary>
    [Function(nameof(UpdateExperiment))]
    [Takes(typeof(UpdateExperimentCall))]
    [Answers(typeof(EmptyAnswer))]
    public async Task<IResult> UpdateExperiment(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "update")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        UpdateExperimentCall call = await CallFields.ReadBodyAsync<UpdateExperimentCall>(request, cancellationToken);
        Experiment experiment = await experiments.GetAsync(call.Id, cancellationToken);
        return call.NewName is null || call.NewName == experiment.Name ? TrackingAnswer.Empty : throw new ServiceException(
            ErrorCode.NotOffered, $"Experiment '{experiment.Name}' cannot be renamed; create another one.");
    }

    [Function(nameof(DeleteExperiment))]
    [Takes(typeof(ExperimentCall))]
    [Answers(typeof(EmptyAnswer))]
    public async Task<IResult> DeleteExperiment(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "delete")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        ExperimentCall call = await CallFields.ReadBodyAsync<ExperimentCall>(request, cancellationToken);
        return await ChangeAsync(request, call.Id, static before => before with { Deleted = true }, cancellationToken);
    }

    [Function(nameof(RestoreExperiment))]
    [Takes(typeof(ExperimentCall))]
    [Answers(typeof(EmptyAnswer))]
    public async Task<IResult> RestoreExperiment(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "restore")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        ExperimentCall call = await CallFields.ReadBodyAsync<ExperimentCall>(request, cancellationToken);
        return await ChangeAsync(request, call.Id, static before => before with { Deleted = false }, cancellationToken);
    }

    [Function(nameof(SetExperimentTag))]
    [Takes(typeof(SetExperimentTagCall))]
    [Answers(typeof(EmptyAnswer))]
    public async Task<IResult> SetExperimentTag(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "set-experiment-tag")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        SetExperimentTagCall call = await CallFields.ReadBodyAsync<SetExperimentTagCall>(request, cancellationToken);
        return await ChangeAsync(
            request, call.Id, before => before with { Tags = before.Tags.SetItem(call.Key, call.Value) }, cancellationToken);
    }

    [Function(nameof(DeleteExperimentTag))]
    [Takes(typeof(DeleteExperimentTagCall))]
    [Answers(typeof(EmptyAnswer))]
    public async Task<IResult> DeleteExperimentTag(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "delete-experiment-tag")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        DeleteExperimentTagCall call = await CallFields.ReadBodyAsync<DeleteExperimentTagCall>(request, cancellationToken);
        return await ChangeAsync(request, call.Id, before => before with { Tags = before.Tags.Remove(call.Key) }, cancellationToken);
    }

    private async Task<IResult> SearchAsync(SearchExperimentsCall call, CancellationToken cancellationToken)
    {
        IReadOnlyList<Experiment> found = TrackingSearch.Find(
            await experiments.ListAsync(cancellationToken), call.Search.Filter, call.Search.Orders, call.View);
        (IReadOnlyList<Experiment> page, string? nextPageToken) = PageToken.Cut(found, call.Search.Token, call.Search.Size);
        return TrackingAnswer.Json(new ExperimentPage([.. page.Select(ExperimentAnswer.Of)], nextPageToken));
    }

    private async Task<IResult> ChangeAsync(
        HttpRequest request, string id, Func<Experiment, Experiment> change, CancellationToken cancellationToken)
    {
        await experiments.ChangeAsync(id, change, TrackingAccess.UserOf(request), cancellationToken);
        return TrackingAnswer.Empty;
    }
}
