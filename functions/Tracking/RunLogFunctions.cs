using Microsoft.AspNetCore.Http;
using Modeldrop.Functions.Http;
using Modeldrop.Tracking.Answers;
using Modeldrop.Tracking.Calls;
using Modeldrop.Tracking.Protocol;
using Modeldrop.Tracking.Runs;

namespace Modeldrop.Functions.Tracking;

/// <summary>Logging to MLflow's runs.</summary>
public sealed class RunLogFunctions(RunService runs, TimeProvider clock)
{
    private const string Route = "api/2.0/mlflow/runs/";
    private const string HistoryTag = "mlflow.log-model.history";

    private static readonly Dictionary<string, string> None = [];

    [Function(nameof(LogMetric))]
    [Takes(typeof(LogMetricCall))]
    [Answers(typeof(EmptyAnswer))]
    public async Task<IResult> LogMetric(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "log-metric")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        LogMetricCall call = await CallFields.ReadBodyAsync<LogMetricCall>(request, cancellationToken);
        return await LogAsync(request, call.Id, new RunBatch([call.Metric.ToPoint(clock.GetUtcNow())], None, None), cancellationToken);
    }

    [Function(nameof(LogParameter))]
    [Takes(typeof(RunPairCall))]
    [Answers(typeof(EmptyAnswer))]
    public async Task<IResult> LogParameter(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "log-parameter")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        RunPairCall call = await CallFields.ReadBodyAsync<RunPairCall>(request, cancellationToken);
        return await LogAsync(request, call.Id, new RunBatch([], call.Pair, None), cancellationToken);
    }

    [Function(nameof(LogBatch))]
    [Takes(typeof(LogBatchCall))]
    [Answers(typeof(EmptyAnswer))]
    public async Task<IResult> LogBatch(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "log-batch")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        LogBatchCall call = await CallFields.ReadBodyAsync<LogBatchCall>(request, cancellationToken);
        DateTimeOffset now = clock.GetUtcNow();
        return await LogAsync(
            request, call.Id, new RunBatch([.. call.Metrics.Select(metric => metric.ToPoint(now))], call.Params, call.Tags),
            cancellationToken);
    }

    [Function(nameof(SetRunTag))]
    [Takes(typeof(RunPairCall))]
    [Answers(typeof(EmptyAnswer))]
    public async Task<IResult> SetRunTag(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "set-tag")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        RunPairCall call = await CallFields.ReadBodyAsync<RunPairCall>(request, cancellationToken);
        return await LogAsync(request, call.Id, new RunBatch([], None, call.Pair), cancellationToken);
    }

    [Function(nameof(DeleteRunTag))]
    [Takes(typeof(DeleteRunTagCall))]
    [Answers(typeof(EmptyAnswer))]
    public async Task<IResult> DeleteRunTag(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "delete-tag")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        DeleteRunTagCall call = await CallFields.ReadBodyAsync<DeleteRunTagCall>(request, cancellationToken);
        await runs.ChangeAsync(
            call.Id, before => before with { Tags = before.Tags.Remove(call.Key) }, TrackingAccess.UserOf(request), cancellationToken);
        return TrackingAnswer.Empty;
    }

    [Function(nameof(LogInputs))]
    [Takes(typeof(LogInputsCall))]
    [Answers(typeof(EmptyAnswer))]
    public async Task<IResult> LogInputs(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "log-inputs")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        LogInputsCall call = await CallFields.ReadBodyAsync<LogInputsCall>(request, cancellationToken);
        await runs.AddInputsAsync(call.Id, call.Datasets, call.Models, TrackingAccess.UserOf(request), cancellationToken);
        return TrackingAnswer.Empty;
    }

    [Function(nameof(LogOutputs))]
    [Takes(typeof(LogOutputsCall))]
    [Answers(typeof(EmptyAnswer))]
    public async Task<IResult> LogOutputs(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "outputs")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        LogOutputsCall call = await CallFields.ReadBodyAsync<LogOutputsCall>(request, cancellationToken);
        await runs.ChangeAsync(
            call.Id, before => before with { ModelOutputs = before.ModelOutputs.SetItems(call.Models) },
            TrackingAccess.UserOf(request), cancellationToken);
        return TrackingAnswer.Empty;
    }

    /// <summary>For clients before 3.0. Stored in a tag, as in MLflow's own server.</summary>
    [Function(nameof(LogModel))]
    [Takes(typeof(LogModelCall))]
    [Answers(typeof(EmptyAnswer))]
    public async Task<IResult> LogModel(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "log-model")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        LogModelCall call = await CallFields.ReadBodyAsync<LogModelCall>(request, cancellationToken);
        await runs.ChangeAsync(
            call.Id,
            before => before.Tags.GetValueOrDefault(HistoryTag) is { } history && history.Contains(call.Json, StringComparison.Ordinal)
                ? before
                : before with { Tags = before.Tags.SetItem(HistoryTag, HistoryWith(before.Tags.GetValueOrDefault(HistoryTag), call.Json)) },
            TrackingAccess.UserOf(request), cancellationToken);
        return TrackingAnswer.Empty;
    }

    [Function(nameof(GetMetricHistory))]
    [Takes(typeof(MetricHistoryCall))]
    [Answers(typeof(MetricPage))]
    public async Task<IResult> GetMetricHistory(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/2.0/mlflow/metrics/get-history")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        MetricHistoryCall call = CallFields.ReadQuery<MetricHistoryCall>(request);
        IReadOnlyList<MetricPoint> all = await runs.HistoryAsync(
            call.Id, call.Key, TrackingAccess.UserOf(request), cancellationToken);
        (IReadOnlyList<MetricPoint> page, string? nextPageToken) = PageToken.Cut(all, call.Token, call.Size);
        return TrackingAnswer.Json(new MetricPage([.. page.Select(point => MetricAnswer.Of(point, call.Id))], nextPageToken));
    }

    /// <summary>The JSON list of logged models, with one more.</summary>
    private static string HistoryWith(string? history, string model) =>
        history is ['[', .. var inside, ']'] ? $"[{inside},{model}]" : $"[{model}]";

    private async Task<IResult> LogAsync(HttpRequest request, string id, RunBatch batch, CancellationToken cancellationToken)
    {
        await runs.LogAsync(id, batch, TrackingAccess.UserOf(request), cancellationToken);
        return TrackingAnswer.Empty;
    }
}
