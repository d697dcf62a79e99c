namespace Modeldrop.Routing;

/// <summary>What a version did with the traffic that a rollout gave it. Counts add up over processes in any order.</summary>
/// <param name="Requests">Answered ones and failed ones; what the caller did wrong is not among them.</param>
/// <param name="Failures">Requests that failed by our or the model's fault.</param>
/// <param name="Unloaded">Requests that were the candidate's and that the champion answered, since the candidate could not be
/// loaded.</param>
/// <param name="Latency">Time in the model of those that were answered.</param>
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
