using System.Collections.Immutable;
using System.Text.Json;
using Modeldrop.Errors;

namespace Modeldrop.Tracking.Runs;

/// <summary>A run to create.</summary>
/// <param name="Name">Null: its tag <c>mlflow.runName</c>, or a name made from its id.</param>
/// <param name="User">Null: the caller.</param>
/// <param name="StartTime">Milliseconds since 1970-01-01T00Z; null: now.</param>
public sealed record NewRun(
    string Experiment, string? Name, string? User, long? StartTime, IReadOnlyDictionary<string, string> Tags);

/// <summary>The values logged to a run in one call.</summary>
public sealed record RunBatch(
    IReadOnlyList<MetricPoint> Metrics, IReadOnlyDictionary<string, string> Params, IReadOnlyDictionary<string, string> Tags);

/// <summary>Runs: the records that training scripts write about themselves.</summary>
public sealed class RunService(TrackingStore store, ExperimentService experiments, TimeProvider clock)
{
    /// <exception cref="ServiceException"><see cref="ErrorCode.RunNotFound"/>: the experiment.</exception>
    public async Task<Run> CreateAsync(NewRun asked, TrackingUser by, CancellationToken cancellationToken)
    {
        Experiment group = await experiments.GetAsync(asked.Experiment, cancellationToken);
        if (group.Deleted)
        {
            throw new ServiceException(ErrorCode.InvalidRequest, $"Experiment '{asked.Experiment}' is deleted; restore it first.");
        }

        string id = TrackingIds.NewRun();
        string named = asked.Name ?? asked.Tags.GetValueOrDefault("mlflow.runName") ?? $"run-{id[..8]}";
        var run = new Run
        {
            Id = id, ExperimentId = group.Id, Name = named, Owner = by.Owner, User = asked.User ?? by.Who.Name,
            StartTime = asked.StartTime ?? clock.GetUtcNow().ToUnixTimeMilliseconds(),
            Tags = asked.Tags.ToImmutableSortedDictionary(StringComparer.Ordinal).SetItem("mlflow.runName", named),
        };
        await store.TryAddAsync(TrackingKey.Run(id), run, cancellationToken);
        return run;
    }

    /// <exception cref="ServiceException"><see cref="ErrorCode.RunNotFound"/>; <see cref="ErrorCode.Forbidden"/>.</exception>
    public async Task<Run> GetAsync(string id, TrackingUser by, CancellationToken cancellationToken)
    {
        Run run = await FindAsync(id, cancellationToken) ?? throw TrackingKey.Run(id).NotFound();
        by.Check(run.Owner, $"run '{id}'");
        return run;
    }

    /// <summary>Null: there is none.</summary>
    public async Task<Run?> FindAsync(string id, CancellationToken cancellationToken) =>
        TrackingIds.IsRun(id) ? await store.FindAsync<Run>(TrackingKey.Run(id), cancellationToken) : null;

    /// <summary>The caller's runs in some experiments; null: in all.</summary>
    public async Task<IReadOnlyList<Run>> ListAsync(
        IReadOnlyCollection<string>? inExperiments, TrackingUser by, CancellationToken cancellationToken) =>
        await store.ListAsync<Run>(TrackingKey.Runs, null, null, cancellationToken)
            .Where(run => by.MaySee(run.Owner) && inExperiments?.Contains(run.ExperimentId) != false)
            .ToListAsync(cancellationToken);

    /// <exception cref="ServiceException"><see cref="ErrorCode.RunNotFound"/>; <see cref="ErrorCode.Forbidden"/>.</exception>
    public Task<Run> ChangeAsync(string id, Func<Run, Run> change, TrackingUser by, CancellationToken cancellationToken) =>
        !TrackingIds.IsRun(id) ? throw TrackingKey.Run(id).NotFound()
        : store.ChangeAsync<Run>(
            TrackingKey.Run(id),
            before =>
            {
                by.Check(before.Owner, $"run '{id}'");
                return change(before);
            },
            cancellationToken);

    /// <summary>
    /// Adds metrics, parameters and tags. Parameters and tags are written all or none; repeating the call changes nothing.
    /// </summary>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.RunNotFound"/>; <see cref="ErrorCode.Forbidden"/>; <see cref="ErrorCode.InvalidRequest"/> for a different value
    /// of an existing parameter, or for a deleted run.
    /// </exception>
    public async Task LogAsync(string id, RunBatch batch, TrackingUser by, CancellationToken cancellationToken)
    {
        await ChangeAsync(id, run => With(run, batch), by, cancellationToken);
        await store.PutAsync([.. batch.Metrics.Select(point => (TrackingKey.Metric(id, point), point))], cancellationToken);
        foreach (IGrouping<string, MetricPoint> ofModel in batch.Metrics.Where(point => point.ModelId is not null)
            .GroupBy(point => point.ModelId!, StringComparer.Ordinal))
        {
            if (TrackingIds.IsLoggedModel(ofModel.Key))
            {
                await store.ChangeAsync<LoggedModel>(
                    TrackingKey.LoggedModel(ofModel.Key),
                    model =>
                    {
                        by.Check(model.Owner, $"logged model '{model.Id}'");
                        return model with { Metrics = Newest(model.Metrics, ofModel) };
                    },
                    cancellationToken);
            }
        }
    }

    /// <summary>All values of a metric, by time.</summary>
    public async Task<IReadOnlyList<MetricPoint>> HistoryAsync(
        string id, string metric, TrackingUser by, CancellationToken cancellationToken)
    {
        await GetAsync(id, by, cancellationToken);
        string key = TrackingIds.KeyOf(metric);
        return await store.ListAsync<MetricPoint>(TrackingKey.MetricsOf(id), $"{key}~", $"{key}\u007f", cancellationToken)
            .ToListAsync(cancellationToken);
    }

    public Task AddInputsAsync(
        string id, IReadOnlyList<JsonElement> datasets, IReadOnlyList<string> models, TrackingUser by,
        CancellationToken cancellationToken) =>
        ChangeAsync(
            id,
            run => run with
            {
                Datasets = [.. run.Datasets.Concat(datasets).DistinctBy(dataset => dataset.GetRawText())],
                ModelInputs = [.. run.ModelInputs.Union(models, StringComparer.Ordinal)],
            },
            by, cancellationToken);

    private static Run With(Run run, RunBatch batch)
    {
        if (run.Deleted)
        {
            throw new ServiceException(ErrorCode.InvalidRequest, $"Run '{run.Id}' is deleted; restore it first.");
        }

        string[] changed = [.. batch.Params.Where(param => run.Params.TryGetValue(param.Key, out string? value) && value != param.Value)
            .Select(param => $"Parameter '{param.Key}' of run '{run.Id}' is already '{run.Params[param.Key]}' and cannot be changed to "
                + $"'{param.Value}': a parameter is logged only once.")];
        return changed.Length > 0 ? throw new ServiceException(ErrorCode.InvalidRequest, changed) : run with
        {
            Params = run.Params.SetItems(batch.Params),
            Tags = run.Tags.SetItems(batch.Tags),
            Name = batch.Tags.GetValueOrDefault("mlflow.runName") ?? run.Name,
            Metrics = Newest(run.Metrics, batch.Metrics),
        };
    }

    private static ImmutableSortedDictionary<string, MetricPoint> Newest(
        ImmutableSortedDictionary<string, MetricPoint> known, IEnumerable<MetricPoint> points)
    {
        foreach (MetricPoint point in points)
        {
            if (!known.TryGetValue(point.Key, out MetricPoint? last) || point.IsAfter(last))
            {
                known = known.SetItem(point.Key, point);
            }
        }

        return known;
    }
}
