using System.Collections.Concurrent;
using Modeldrop.Names;

namespace Modeldrop.Scoring.Failures;

/// <summary>An hour in which requests of a version failed.</summary>
/// <param name="Hour">The hour in which the requests were received, in hours since 1970-01-01T00Z.</param>
public readonly record struct FailureHour(VersionName Version, long Hour);

/// <summary>
/// This process's counts of failed requests, by version and hour. Thread-safe; a request that succeeds costs nothing here.
/// </summary>
public sealed class FailureHours
{
    private readonly ConcurrentDictionary<FailureHour, long> _counts = new();

    public static long HourOf(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerHour;

    public void Count(VersionName version, DateTimeOffset receivedAt) =>
        _counts.AddOrUpdate(new FailureHour(version, HourOf(receivedAt)), 1, static (_, count) => count + 1);

    internal IReadOnlyList<KeyValuePair<FailureHour, long>> List() => [.. _counts];

    /// <summary>Removes an hour that is over and written.</summary>
    /// <param name="count">The written count: a count that has changed since stays.</param>
    internal bool Remove(FailureHour hour, long count) => _counts.TryRemove(KeyValuePair.Create(hour, count));
}
