using Modeldrop.Tracking.Runs;

namespace Modeldrop.Tracking.Models;

/// <summary>
/// The state of the run when a version was registered from it: the file <c>run.json</c> of the version, which never changes.
/// </summary>
public sealed record RunSummary
{
    public const string FileName = "run.json";

    public string? RunId { get; init; }

    public string? RunName { get; init; }

    public string? ExperimentId { get; init; }

    public string? User { get; init; }

    public string? LoggedModel { get; init; }

    public IReadOnlyDictionary<string, string> Params { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, double> Metrics { get; init; } = new Dictionary<string, double>();

    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Null: neither is known. Metrics of the run take precedence: the logged model has those of its own step.
    /// </summary>
    public static RunSummary? Of(Run? run, LoggedModel? model) => run is null && model is null ? null : new RunSummary
    {
        RunId = run?.Id,
        RunName = run?.Name,
        ExperimentId = run?.ExperimentId ?? model?.ExperimentId,
        User = run?.User,
        LoggedModel = model?.Id,
        Params = Merged(run?.Params, model?.Params),
        Metrics = Merged(model?.Metrics, run?.Metrics).ToDictionary(metric => metric.Key, metric => metric.Value.Value),
        Tags = Merged(run?.Tags, model?.Tags),
    };

    private static SortedDictionary<string, T> Merged<T>(IReadOnlyDictionary<string, T>? one, IReadOnlyDictionary<string, T>? other)
    {
        var merged = new SortedDictionary<string, T>(StringComparer.Ordinal);
        foreach ((string key, T value) in (one ?? new Dictionary<string, T>()).Concat(other ?? new Dictionary<string, T>()))
        {
            merged[key] = value;
        }

        return merged;
    }
}
