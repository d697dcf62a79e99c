using System.Security.Cryptography;

namespace Modeldrop.Storage;

/// <summary>The back-off of a write that lost against another writer.</summary>
internal static class StoreBackOff
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// <see cref="WaitAsync(int, TimeSpan, TimeSpan, CancellationToken)"/> for a read and a write, which take milliseconds.
    /// </summary>
    public static Task WaitAsync(int attempt, CancellationToken cancellationToken) =>
        WaitAsync(attempt, Shortest, Longest, cancellationToken);

    /// <summary>
    /// Waits a random time up to a bound that doubles with each attempt (counted from 1), so that competing writers spread out.
    /// </summary>
    /// <remarks>Uses real time, not the injected clock: the real writes of others must finish.</remarks>
    /// <param name="first">The bound of the first wait.</param>
    /// <param name="longest">The largest bound: several times the duration of an attempt.</param>
    public static Task WaitAsync(int attempt, TimeSpan first, TimeSpan longest, CancellationToken cancellationToken)
    {
        double bound = Math.Min(first.TotalMilliseconds * Math.Pow(2, attempt - 1), longest.TotalMilliseconds);
        return Task.Delay(TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(1, (int)bound + 1)), cancellationToken);
    }
}
