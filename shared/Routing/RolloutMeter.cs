using System.Collections.Concurrent;
using Modeldrop.Names;

namespace Modeldrop.Routing;

/// <summary>This process's counts of one version of a rollout. Thread-safe; counting takes no lock and allocates nothing.</summary>
public sealed class VersionMeter
{
    private readonly long[] _latency = new long[LatencyHistogram.Buckets];
    private long _failures;
    private long _unloaded;

    /// <param name="duration">Time in the model.</param>
    public void Answered(TimeSpan duration) => Interlocked.Increment(ref _latency[LatencyHistogram.BucketOf(duration)]);

    /// <summary>Counts a failure of this service or the model; never one that the caller caused.</summary>
    public void Failed() => Interlocked.Increment(ref _failures);

    /// <summary>Counts a request that the champion answers instead.</summary>
    public void CouldNotBeLoaded() => Interlocked.Increment(ref _unloaded);

    /// <summary>A snapshot of the counts; concurrent counts are in the next one.</summary>
    public VersionCounts Read()
    {
        var latency = new long[_latency.Length];
        for (int bucket = 0; bucket < latency.Length; bucket++)
        {
            latency[bucket] = Interlocked.Read(ref _latency[bucket]);
        }

        long failures = Interlocked.Read(ref _failures);
        return new VersionCounts(latency.Sum() + failures, failures, Interlocked.Read(ref _unloaded), LatencyHistogram.Of(latency));
    }
}

/// <summary>This process's counts of a rollout: one meter per version. Thread-safe.</summary>
public sealed class RolloutMeter
{
    private readonly ConcurrentDictionary<int, VersionMeter> _versions = new();

    public VersionMeter Of(int version) => _versions.GetOrAdd(version, static _ => new VersionMeter());

    public IReadOnlyDictionary<int, VersionCounts> Read() => _versions.ToDictionary(pair => pair.Key, pair => pair.Value.Read());
}

/// <summary>The rollouts that this process has counted, by operation. Thread-safe.</summary>
public sealed class RolloutMeters
{
    private readonly ConcurrentDictionary<OperationId, RolloutMeter> _rollouts = new();

    public RolloutMeter Of(OperationId operation) => _rollouts.GetOrAdd(operation, static _ => new RolloutMeter());

    internal IReadOnlyList<KeyValuePair<OperationId, RolloutMeter>> List() => [.. _rollouts];

    /// <summary>Removes a rollout that has ended and is written.</summary>
    internal void Remove(OperationId operation) => _rollouts.TryRemove(operation, out _);
}
