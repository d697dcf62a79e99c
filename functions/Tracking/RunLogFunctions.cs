using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Modeldrop.Functions.Http;
using Modeldrop.Tracking.Answers;
using Modeldrop.Tracking.Protocol;
using Modeldrop.Tracking.Runs;

namespace Modeldrop.Functions.Tracking;

/// <summary>Logging to MLflow's runs.</summary>
public sealed class RunLogFunctions(RunService runs, TimeProvider clock)
{
    private const string Route = "api/2.0/mlflow/runs/";
    private const string HistoryTag = "mlflow.log-model.history";
    private const int MaxMetrics = 1_000;
    private const int MaxPage = 25_000;

    private static readonly Dictionary<string, string> None = [];

    [Function(nameof(LogMetric))]
    [Answers(typeof(EmptyAnswer))]
    public Task<IResult> LogMetric(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "log-metric")] HttpRequest request,
        CancellationToken cancellationToken) =>
        LogAsync(request, fields => new RunBatch([RunFields.MetricOf(fields, clock.GetUtcNow())], None, None), cancellationToken);

    [Function(nameof(LogParameter))]
    [Answers(typeof(EmptyAnswer))]
    public Task<IResult> LogParameter(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "log-parameter")] HttpRequest request,
        CancellationToken cancellationToken) =>
        LogAsync(request, fields => new RunBatch([], new Dictionary<string, string>([RunFields.PairOf(fields)]), None), cancellationToken);

    [Function(nameof(LogBatch))]
    [Answers(typeof(EmptyAnswer))]
    public Task<IResult> LogBatch(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "log-batch")] HttpRequest request,
        CancellationToken cancellationToken) =>
        LogAsync(
            request,
            fields => new RunBatch(
                [.. fields.Objects("metrics", MaxMetrics).Select(metric => RunFields.MetricOf(metric, clock.GetUtcNow()))],
                fields.Pairs("params"), fields.Pairs("tags")),
            cancellationToken);

    [Function(nameof(SetRunTag))]
    [Answers(typeof(EmptyAnswer))]
    public Task<IResult> SetRunTag(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "set-tag")] HttpRequest request,
        CancellationToken cancellationToken) =>
        LogAsync(request, fields => new RunBatch([], None, new Dictionary<string, string>([RunFields.PairOf(fields)])), cancellationToken);

    [Function(nameof(DeleteRunTag))]
    [Answers(typeof(EmptyAnswer))]
    public async Task<IResult> DeleteRunTag(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "delete-tag")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        CallFields fields = await CallFields.OfBodyAsync(request, cancellationToken);
        string key = fields.Required("key");
        await runs.ChangeAsync(
            RunFields.IdOf(fields, check: true), before => before with { Tags = before.Tags.Remove(key) },
            TrackingAccess.UserOf(request), cancellationToken);
        return TrackingAnswer.Empty;
    }

    [Function(nameof(LogInputs))]
    [Answers(typeof(EmptyAnswer))]
    public async Task<IResult> LogInputs(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "log-inputs")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        CallFields fields = await CallFields.OfBodyAsync(request, cancellationToken);
        IReadOnlyList<JsonElement> datasets = fields.Elements("datasets", max: 1_000);
        string[] models = [.. fields.Objects("models", max: 1_000).Select(model => model.Required("model_id"))];
        await runs.AddInputsAsync(
            RunFields.IdOf(fields, check: true), datasets, models, TrackingAccess.UserOf(request), cancellationToken);
        return TrackingAnswer.Empty;
    }

    [Function(nameof(LogOutputs))]
    [Answers(typeof(EmptyAnswer))]
    public async Task<IResult> LogOutputs(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "outputs")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        CallFields fields = await CallFields.OfBodyAsync(request, cancellationToken);
        KeyValuePair<string, long>[] models = [.. fields.Objects("models", max: 1_000)
            .Select(model => KeyValuePair.Create(model.Required("model_id"), model.Number("step") ?? 0))];
        await runs.ChangeAsync(
            RunFields.IdOf(fields, check: true), before => before with { ModelOutputs = before.ModelOutputs.SetItems(models) },
            TrackingAccess.UserOf(request), cancellationToken);
        return TrackingAnswer.Empty;
    }

    /// <summary>For clients before 3.0. Stored in a tag, as in MLflow's own server.</summary>
    [Function(nameof(LogModel))]
    [Answers(typeof(EmptyAnswer))]
    public async Task<IResult> LogModel(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "log-model")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        CallFields fields = await CallFields.OfBodyAsync(request, cancellationToken);
        string model = fields.Required("model_json", maxChars: 100_000);
        await runs.ChangeAsync(
            RunFields.IdOf(fields, check: true),
            before => before.Tags.GetValueOrDefault(HistoryTag) is { } history && history.Contains(model, StringComparison.Ordinal)
                ? before
                : before with { Tags = before.Tags.SetItem(HistoryTag, HistoryWith(before.Tags.GetValueOrDefault(HistoryTag), model)) },
            TrackingAccess.UserOf(request), cancellationToken);
        return TrackingAnswer.Empty;
    }

    [Function(nameof(GetMetricHistory))]
    [Answers(typeof(MetricPage))]
    public async Task<IResult> GetMetricHistory(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/2.0/mlflow/metrics/get-history")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        CallFields fields = CallFields.OfQuery(request);
        string key = fields.Required("metric_key");
        int size = fields.Count("max_results", byDefault: MaxPage, MaxPage);
        string? token = fields.Text("page_token");
        string id = RunFields.IdOf(fields, check: true);
        IReadOnlyList<MetricPoint> all = await runs.HistoryAsync(id, key, TrackingAccess.UserOf(request), cancellationToken);
        (IReadOnlyList<MetricPoint> page, string? nextPageToken) = PageToken.Cut(all, token, size);
        return TrackingAnswer.Json(new MetricPage([.. page.Select(point => MetricAnswer.Of(point, id))], nextPageToken));
    }

    /// <summary>The JSON list of logged models, with one more.</summary>
    private static string HistoryWith(string? history, string model) =>
        history is ['[', .. var inside, ']'] ? $"[{inside},{model}]" : $"[{model}]";

    private async Task<IResult> LogAsync(HttpRequest request, Func<CallFields, RunBatch> read, CancellationToken cancellationToken)
    {
        CallFields fields = await CallFields.OfBodyAsync(request, cancellationToken);
        RunBatch batch = read(fields);
        await runs.LogAsync(RunFields.IdOf(fields, check: true), batch, TrackingAccess.UserOf(request), cancellationToken);
        return TrackingAnswer.Empty;
    }
}
