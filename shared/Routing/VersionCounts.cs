namespace Modeldrop.Routing;

/// <summary>The counts of a version's traffic in a rollout. Counts of processes add up in any order.</summary>
/// <param name="Requests">Answered and failed requests, without errors that callers caused.</param>
/// <param name="Failures">Requests that failed because of this service or the model.</param>
/// <param name="Unloaded">Requests of the candidate's share that the champion answered because the candidate could not be loaded.</param>
/// <param name="Latency">Time in the model of the answered requests.</param>
public sealed record VersionCounts(long Requests, long Failures, long Unloaded, LatencyHistogram Latency)
{
    public static VersionCounts None { get; } = new(0, 0, 0, LatencyHistogram.Empty);

    public VersionCounts Plus(VersionCounts other) =>
        new(Requests + other.Requests, Failures + other.Failures, Unloaded + other.Unloaded, Latency.Plus(other.Latency));
}

/// <summary>The counts of a rollout, summed over all processes, by version.</summary>
public sealed record RolloutCounts(IReadOnlyDictionary<int, VersionCounts> Versions)
{
    public VersionCounts Of(int version) => Versions.GetValueOrDefault(version, VersionCounts.None);
}
