using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Functions.Http;
using Modeldrop.Tracking.Answers;
using Modeldrop.Tracking.Protocol;
using Modeldrop.Tracking.Runs;

namespace Modeldrop.Functions.Tracking;

/// <summary>MLflow's experiments.</summary>
public sealed class ExperimentFunctions(ExperimentService experiments)
{
    private const string Route = "api/2.0/mlflow/experiments/";
    private const int MaxPage = 10_000;

    [Function(nameof(CreateExperiment))]
    [Answers(typeof(CreatedExperiment))]
    public async Task<IResult> CreateExperiment(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "create")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        CallFields fields = await CallFields.OfBodyAsync(request, cancellationToken);
        string name = fields.Required("name", maxChars: 500);
        IReadOnlyDictionary<string, string> tags = fields.Pairs("tags");
        if (fields.Text("artifact_location") is { } location && !location.StartsWith("mlflow-artifacts:", StringComparison.Ordinal))
        {
            fields.Refuse($"'artifact_location' is '{location}'; leave it out, because this server stores the artifacts itself.");
        }

        fields.Check();
        Experiment experiment = await experiments.CreateAsync(name, tags, TrackingAccess.UserOf(request), cancellationToken);
        return TrackingAnswer.Json(new CreatedExperiment(experiment.Id));
    }

    [Function(nameof(GetExperiment))]
    [Answers(typeof(OneExperiment))]
    public async Task<IResult> GetExperiment(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = Route + "get")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        CallFields fields = CallFields.OfQuery(request);
        string id = fields.Required("experiment_id");
        fields.Check();
        return TrackingAnswer.Json(new OneExperiment(ExperimentAnswer.Of(await experiments.GetAsync(id, cancellationToken))));
    }

    [Function(nameof(GetExperimentByName))]
    [Answers(typeof(OneExperiment))]
    public async Task<IResult> GetExperimentByName(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = Route + "get-by-name")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        CallFields fields = CallFields.OfQuery(request);
        string name = fields.Required("experiment_name", maxChars: 500);
        fields.Check();
        return TrackingAnswer.Json(
            new OneExperiment(ExperimentAnswer.Of(await experiments.GetByNameAsync(name, cancellationToken))));
    }

    [Function(nameof(SearchExperiments))]
    [Answers(typeof(ExperimentPage))]
    public async Task<IResult> SearchExperiments(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "search")] HttpRequest request,
        CancellationToken cancellationToken) =>
        await SearchAsync(await CallFields.OfBodyAsync(request, cancellationToken), cancellationToken);

    [Function(nameof(ListExperiments))]
    [Answers(typeof(ExperimentPage))]
    public Task<IResult> ListExperiments(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = Route + "search")] HttpRequest request,
        CancellationToken cancellationToken) =>
        SearchAsync(CallFields.OfQuery(request), cancellationToken);

    /// <summary>Not supported: scripts find an experiment by its name.</summary>
    [Function(nameof(UpdateExperiment))]
    [Answers(typeof(EmptyAnswer))]
    public async Task<IResult> UpdateExperiment(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "update")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        CallFields fields = await CallFields.OfBodyAsync(request, cancellationToken);
        string id = fields.Required("experiment_id");
        string? name = fields.Text("new_name", maxChars: 500);
        fields.Check();
        Experiment experiment = await experiments.GetAsync(id, cancellationToken);
        return name is null || name == experiment.Name ? TrackingAnswer.Empty : throw new ServiceException(
            ErrorCode.NotOffered, $"Experiment '{experiment.Name}' cannot be renamed; create another one.");
    }

    [Function(nameof(DeleteExperiment))]
    [Answers(typeof(EmptyAnswer))]
    public Task<IResult> DeleteExperiment(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "delete")] HttpRequest request,
        CancellationToken cancellationToken) =>
        ChangeAsync(request, static _ => before => before with { Deleted = true }, cancellationToken);

    [Function(nameof(RestoreExperiment))]
    [Answers(typeof(EmptyAnswer))]
    public Task<IResult> RestoreExperiment(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "restore")] HttpRequest request,
        CancellationToken cancellationToken) =>
        ChangeAsync(request, static _ => before => before with { Deleted = false }, cancellationToken);

    [Function(nameof(SetExperimentTag))]
    [Answers(typeof(EmptyAnswer))]
    public Task<IResult> SetExperimentTag(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "set-experiment-tag")] HttpRequest request,
        CancellationToken cancellationToken) =>
        ChangeAsync(
            request,
            static fields =>
            {
                string key = fields.Required("key");
                string value = fields.Text("value") ?? "";
                return before => before with { Tags = before.Tags.SetItem(key, value) };
            },
            cancellationToken);

    private async Task<IResult> SearchAsync(CallFields fields, CancellationToken cancellationToken)
    {
        string? filter = fields.Text("filter");
        IReadOnlyList<string> orders = fields.Texts("order_by");
        ViewType view = ViewFields.Of(fields, "view_type");
        int size = fields.Count("max_results", byDefault: 1_000, MaxPage);
        string? token = fields.Text("page_token");
        fields.Check();
        IReadOnlyList<Experiment> found = TrackingSearch.Find(await experiments.ListAsync(cancellationToken), filter, orders, view);
        (IReadOnlyList<Experiment> page, string? nextPageToken) = PageToken.Cut(found, token, size);
        return TrackingAnswer.Json(new ExperimentPage([.. page.Select(ExperimentAnswer.Of)], nextPageToken));
    }

    private async Task<IResult> ChangeAsync(
        HttpRequest request, Func<CallFields, Func<Experiment, Experiment>> read, CancellationToken cancellationToken)
    {
        CallFields fields = await CallFields.OfBodyAsync(request, cancellationToken);
        string id = fields.Required("experiment_id");
        Func<Experiment, Experiment> change = read(fields);
        fields.Check();
        await experiments.ChangeAsync(id, change, TrackingAccess.UserOf(request), cancellationToken);
        return TrackingAnswer.Empty;
    }
}
