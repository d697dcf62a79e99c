using System.Collections.Immutable;
using Modeldrop.Errors;

namespace Modeldrop.Tracking.Runs;

/// <summary>A logged model to create.</summary>
/// <param name="Name">Null: a name made from its id.</param>
/// <param name="Run">The run that saves it; null: none.</param>
public sealed record NewLoggedModel(
    string Experiment, string? Name, string? ModelType, string? Run, IReadOnlyDictionary<string, string> Params,
    IReadOnlyDictionary<string, string> Tags);

/// <summary>Logged models: models that a script has saved, before or without a registration.</summary>
public sealed class LoggedModelService(TrackingStore store, ExperimentService experiments, RunService runs, TimeProvider clock)
{
    public const string Pending = "LOGGED_MODEL_PENDING";
    public const string Ready = "LOGGED_MODEL_READY";
    public const string UploadFailed = "LOGGED_MODEL_UPLOAD_FAILED";

    /// <exception cref="ServiceException"><see cref="ErrorCode.RunNotFound"/>: the experiment, or the run.</exception>
    public async Task<LoggedModel> CreateAsync(NewLoggedModel asked, TrackingUser by, CancellationToken cancellationToken)
    {
        Experiment group = await experiments.GetAsync(asked.Experiment, cancellationToken);
        if (asked.Run is { } run)
        {
            await runs.GetAsync(run, by, cancellationToken);
        }

        string id = TrackingIds.NewLoggedModel();
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var model = new LoggedModel
        {
            Id = id, ExperimentId = group.Id, Name = asked.Name ?? $"model-{id[2..10]}", Owner = by.Owner, ModelType = asked.ModelType,
            SourceRunId = asked.Run, Status = Pending, CreatedAt = now, UpdatedAt = now,
            Params = asked.Params.ToImmutableSortedDictionary(StringComparer.Ordinal),
            Tags = asked.Tags.ToImmutableSortedDictionary(StringComparer.Ordinal),
        };
        await store.TryAddAsync(TrackingKey.LoggedModel(id), model, cancellationToken);
        return model;
    }

    /// <exception cref="ServiceException"><see cref="ErrorCode.RunNotFound"/>; <see cref="ErrorCode.Forbidden"/>.</exception>
    public async Task<LoggedModel> GetAsync(string id, TrackingUser by, CancellationToken cancellationToken)
    {
        LoggedModel model = await FindAsync(id, cancellationToken) ?? throw TrackingKey.LoggedModel(id).NotFound();
        by.Check(model.Owner, $"logged model '{id}'");
        return model;
    }

    /// <summary>Null: there is none, or it is deleted.</summary>
    public async Task<LoggedModel?> FindAsync(string id, CancellationToken cancellationToken) =>
        TrackingIds.IsLoggedModel(id)
        && await store.FindAsync<LoggedModel>(TrackingKey.LoggedModel(id), cancellationToken) is { Deleted: false } model
            ? model
            : null;

    /// <summary>The caller's logged models in some experiments, the newest first.</summary>
    public async Task<IReadOnlyList<LoggedModel>> ListAsync(
        IReadOnlyCollection<string> inExperiments, TrackingUser by, CancellationToken cancellationToken) =>
        await store.ListAsync<LoggedModel>(TrackingKey.LoggedModels, null, null, cancellationToken)
            .Where(model => !model.Deleted && by.MaySee(model.Owner) && inExperiments.Contains(model.ExperimentId))
            .ToListAsync(cancellationToken);

    /// <exception cref="ServiceException"><see cref="ErrorCode.RunNotFound"/>; <see cref="ErrorCode.Forbidden"/>.</exception>
    public Task<LoggedModel> ChangeAsync(
        string id, Func<LoggedModel, LoggedModel> change, TrackingUser by, CancellationToken cancellationToken) =>
        !TrackingIds.IsLoggedModel(id) ? throw TrackingKey.LoggedModel(id).NotFound()
        : store.ChangeAsync<LoggedModel>(
            TrackingKey.LoggedModel(id),
            before =>
            {
                by.Check(before.Owner, $"logged model '{id}'");
                return before.Deleted
                    ? throw TrackingKey.LoggedModel(id).NotFound()
                    : change(before) with { UpdatedAt = clock.GetUtcNow().ToUnixTimeMilliseconds() };
            },
            cancellationToken);
}
