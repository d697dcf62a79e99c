using System.Security.Cryptography;

namespace Modeldrop.Storage;

/// <summary>The pause before a write that lost against another writer is tried again.</summary>
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
    /// A random time up to a bound that doubles with each attempt (counted from 1), so that a crowd of writers spreads out.
    /// </summary>
    /// <remarks>Real time, whatever the clock of the rules says: it is other writers' real writes that we wait for.</remarks>
    /// <param name="first">The bound of the first time.</param>
    /// <param name="longest">The bound that it stays at: several times what a try takes.</param>
    public static Task WaitAsync(int attempt, TimeSpan first, TimeSpan longest, CancellationToken cancellationToken)
    {
        double bound = Math.Min(first.TotalMilliseconds * Math.Pow(2, attempt - 1), longest.TotalMilliseconds);
        return Task.Delay(TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(1, (int)bound + 1)), cancellationToken);
    }
}
