using System.Collections.Immutable;
using Modeldrop.Errors;

namespace Modeldrop.Tracking.Runs;

/// <summary>Experiments: groups of runs and logged models.</summary>
public sealed class ExperimentService(TrackingStore store, TimeProvider clock)
{
    private const string DefaultName = "Default";
    private const string Nobody = "";

    private sealed record Name(string Id);

    /// <exception cref="ServiceException"><see cref="ErrorCode.AlreadyExists"/>.</exception>
    public async Task<Experiment> CreateAsync(
        string name, IReadOnlyDictionary<string, string> tags, TrackingUser user, CancellationToken cancellationToken)
    {
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var experiment = new Experiment
        {
            Id = TrackingIds.NewExperiment(), Name = name, Owner = user.Owner, CreatedAt = now, UpdatedAt = now,
            Tags = tags.ToImmutableSortedDictionary(StringComparer.Ordinal),
        };

        // The experiment first: a name without its experiment could never be used again.
        await store.TryAddAsync(TrackingKey.Experiment(experiment.Id), experiment, cancellationToken);
        if (name == DefaultName || !await store.TryAddAsync(TrackingKey.ExperimentName(name), new Name(experiment.Id), cancellationToken))
        {
            throw new ServiceException(ErrorCode.AlreadyExists, $"Experiment '{name}' already exists.");
        }

        return experiment;
    }

    /// <exception cref="ServiceException"><see cref="ErrorCode.RunNotFound"/>.</exception>
    public async Task<Experiment> GetAsync(string id, CancellationToken cancellationToken) =>
        TrackingIds.IsExperiment(id) && await store.FindAsync<Experiment>(TrackingKey.Experiment(id), cancellationToken) is { } found
            ? found
            : id == TrackingIds.DefaultExperiment ? Default : throw TrackingKey.Experiment(id).NotFound();

    /// <exception cref="ServiceException"><see cref="ErrorCode.RunNotFound"/>.</exception>
    public async Task<Experiment> GetByNameAsync(string name, CancellationToken cancellationToken)
    {
        if (name == DefaultName)
        {
            return await GetAsync(TrackingIds.DefaultExperiment, cancellationToken);
        }

        Name held = await store.FindAsync<Name>(TrackingKey.ExperimentName(name), cancellationToken)
            ?? throw TrackingKey.ExperimentName(name).NotFound();
        return await GetAsync(held.Id, cancellationToken);
    }

    /// <summary>All experiments, including deleted ones, the newest first.</summary>
    public async Task<IReadOnlyList<Experiment>> ListAsync(CancellationToken cancellationToken)
    {
        List<Experiment> all = await store.ListAsync<Experiment>(TrackingKey.Experiments, null, null, cancellationToken)
            .ToListAsync(cancellationToken);
        if (!all.Exists(experiment => experiment.Id == TrackingIds.DefaultExperiment))
        {
            all.Add(Default);
        }

        // An experiment whose name belongs to another one was never completed.
        Dictionary<string, string> names = all.GroupBy(experiment => experiment.Name, StringComparer.Ordinal)
            .Where(same => same.Count() > 1).ToDictionary(same => same.Key, _ => "", StringComparer.Ordinal);
        foreach (string name in names.Keys.ToArray())
        {
            names[name] = (await store.FindAsync<Name>(TrackingKey.ExperimentName(name), cancellationToken))?.Id
                ?? TrackingIds.DefaultExperiment;
        }

        return [.. all.Where(experiment => !names.TryGetValue(experiment.Name, out string? id) || id == experiment.Id)
            .OrderByDescending(experiment => experiment.CreatedAt).ThenByDescending(experiment => experiment.Id, StringComparer.Ordinal)];
    }

    /// <summary>Changes tags or the deleted state.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.RunNotFound"/>; <see cref="ErrorCode.Forbidden"/>.</exception>
    public Task<Experiment> ChangeAsync(
        string id, Func<Experiment, Experiment> change, TrackingUser user, CancellationToken cancellationToken) =>
        !TrackingIds.IsExperiment(id) ? throw TrackingKey.Experiment(id).NotFound()
        : store.ChangeAsync<Experiment>(
            TrackingKey.Experiment(id),
            before =>
            {
                user.Check(before.Owner, $"experiment '{id}'");
                return change(before) with { UpdatedAt = clock.GetUtcNow().ToUnixTimeMilliseconds() };
            },
            cancellationToken,
            id == TrackingIds.DefaultExperiment ? () => Default : null);

    private static Experiment Default => new() { Id = TrackingIds.DefaultExperiment, Name = DefaultName, Owner = Nobody };
}
