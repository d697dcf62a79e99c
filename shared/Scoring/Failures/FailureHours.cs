using System.Collections.Concurrent;
using Modeldrop.Names;

namespace Modeldrop.Scoring.Failures;

/// <summary>Requests of one version that failed in an hour.</summary>
/// <param name="Hour">Of their receipt; hours since 1970-01-01T00Z.</param>
public readonly record struct FailureHour(VersionName Version, long Hour);

/// <summary>
/// What this process has counted of failed requests, by version and hour. Thread-safe; only a request that fails counts here.
/// </summary>
public sealed class FailureHours
{
    private readonly ConcurrentDictionary<FailureHour, long> _counts = new();

    public static long HourOf(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerHour;

    public void Count(VersionName version, DateTimeOffset receivedAt) =>
        _counts.AddOrUpdate(new FailureHour(version, HourOf(receivedAt)), 1, static (_, count) => count + 1);

    internal IReadOnlyList<KeyValuePair<FailureHour, long>> List() => [.. _counts];

    /// <summary>Lets go of an hour that is over and written.</summary>
    /// <param name="count">What was written: a count that has changed since stays.</param>
    internal bool Remove(FailureHour hour, long count) => _counts.TryRemove(KeyValuePair.Create(hour, count));
}
