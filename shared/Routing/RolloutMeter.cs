using System.Collections.Concurrent;

namespace Modeldrop.Routing;

/// <summary>
/// What this process has counted for one version of a rollout. Thread-safe; counting takes no lock and allocates nothing.
/// </summary>
public sealed class VersionMeter
{
    private readonly long[] _latency = new long[LatencyHistogram.Buckets];
    private long _failures;
    private long _unloaded;

    /// <param name="duration">Time in the model.</param>
    public void Answered(TimeSpan duration) => Interlocked.Increment(ref _latency[LatencyHistogram.BucketOf(duration)]);

    /// <summary>By our or the model's fault; never for what the caller did wrong.</summary>
    public void Failed() => Interlocked.Increment(ref _failures);

    /// <summary>The champion answers instead.</summary>
    public void CouldNotBeLoaded() => Interlocked.Increment(ref _unloaded);

    /// <summary>A moment's counts; what is counted meanwhile is in the next.</summary>
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

/// <summary>What this process counts for a rollout: a meter a version. Thread-safe.</summary>
public sealed class RolloutMeter
{
    private readonly ConcurrentDictionary<int, VersionMeter> _versions = new();

    public VersionMeter Of(int version) => _versions.GetOrAdd(version, static _ => new VersionMeter());

    public IReadOnlyDictionary<int, VersionCounts> Read() => _versions.ToDictionary(pair => pair.Key, pair => pair.Value.Read());
}

/// <summary>The rollouts that this process has counted for, by operation. Thread-safe.</summary>
public sealed class RolloutMeters
{
    private readonly ConcurrentDictionary<string, RolloutMeter> _rollouts = new(StringComparer.Ordinal);

    public RolloutMeter Of(string operation) => _rollouts.GetOrAdd(operation, static _ => new RolloutMeter());

    internal IReadOnlyList<KeyValuePair<string, RolloutMeter>> List() => [.. _rollouts];

    /// <summary>Lets go of a rollout that has ended and is written.</summary>
    internal void Remove(string operation) => _rollouts.TryRemove(operation, out _);
}
