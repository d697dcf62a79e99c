using Modeldrop.Names;

namespace Modeldrop.Predictions;

/// <summary>
/// A range of a partition of the log: after <paramref name="After"/> (from the start when null) through <paramref name="Through"/>.
/// </summary>
public sealed record LogRange(string Partition, string? After, string Through);

/// <summary>
/// A reader's position in a model's log. Partitions of hours before <paramref name="Horizon"/> are fully read and cannot grow.
/// </summary>
/// <param name="Positions">
/// Last row key read from the partitions after the horizon, and from the newest ones before it: a fast clock moves the horizon too far, and
/// when it is set back, those hours continue.
/// </param>
/// <param name="Start">The first hour to read.</param>
public sealed record LogCursor(uint Horizon, IReadOnlyDictionary<string, string> Positions, uint Start = 0)
{
    /// <summary>Partitions before the horizon whose position is kept: some days of a few processes, 12 KB of the state.</summary>
    private const int MaxKept = 200;

    public static LogCursor From(DateTimeOffset instant) =>
        new(PredictionId.HourOf(instant), new Dictionary<string, string>(), PredictionId.HourOf(instant));

    /// <summary>The position after the slice.</summary>
    public LogCursor Behind(LogSlice slice) => new(slice.Horizon, Advanced(Positions, slice.Ranges, slice.Horizon), Start);

    internal static Dictionary<string, string> Advanced(
        IReadOnlyDictionary<string, string> positions, IReadOnlyList<LogRange> ranges, uint horizon)
    {
        Dictionary<string, string> next = new(positions);
        foreach (LogRange range in ranges)
        {
            next[range.Partition] = range.Through;
        }

        string[] closed = [.. next.Keys.Where(key => LogPartition.Parse(key).Hour < horizon).OrderDescending(StringComparer.Ordinal)];
        foreach (string old in closed.Skip(MaxKept))
        {
            next.Remove(old);
        }

        return next;
    }
}

/// <summary>The result of one read.</summary>
/// <param name="Horizon">
/// Horizon of a cursor after the slice; before it, that of the cursor that was read from when the clock was set back.
/// </param>
/// <param name="Packs">Number of packs, including those of other models with the same hash.</param>
/// <param name="IsTruncated">Whether the log has more.</param>
public sealed record LogSlice(IReadOnlyList<LogRange> Ranges, uint Horizon, int Packs, bool IsTruncated);

/// <summary>Reads a model's log from a stored position, each pack once.</summary>
/// <remarks>
/// Finds partitions by hopping from one to the next, starting at the horizon: two transactions each, whatever their size.
/// </remarks>
public sealed class LogReader(PredictionStore store, TimeProvider clock)
{
    /// <summary>Reads the same ranges again.</summary>
    /// <param name="take">See <see cref="ReadAsync"/>.</param>
    public async Task ReadAgainAsync(
        IReadOnlyList<LogRange> ranges, Func<LogPack, Task> take, CancellationToken cancellationToken)
    {
        foreach (LogRange range in ranges)
        {
            await foreach (LogPack pack in store.ReadPacksAsync(
                    LogPartition.Parse(range.Partition), range.After, range.Through, cancellationToken))
            {
                await TakeAsync(pack, take);
            }
        }
    }

    /// <param name="maxPacks">Stops after the pack that reaches this number.</param>
    /// <param name="take">Receives every pack of answered requests, including those of other models with the same hash.</param>
    public async Task<LogSlice> ReadAsync(
        ModelName model, LogCursor cursor, int maxPacks, Func<LogPack, Task> take, CancellationToken cancellationToken)
    {
        // Taken before reading: partitions that may grow during the read must stay open. That includes hours closed by a fast clock; their
        // positions record what was read.
        uint horizon = Math.Max(cursor.Start, LogPartition.FirstOpenHour(clock.GetUtcNow()));
        uint from = Math.Min(horizon, cursor.Horizon);
        uint hash = PredictionId.HashOf(model);
        List<LogRange> ranges = [];
        int packs = 0;
        LogPartition? partition = null;
        while (packs < maxPacks)
        {
            partition = await store.FindNextPartitionAsync(hash, from, partition, cancellationToken);
            if (partition is not { } found)
            {
                return new LogSlice(ranges, horizon, packs, IsTruncated: false);
            }

            string? after = cursor.Positions.GetValueOrDefault(found.Key);
            string? through = null;
            await foreach (LogPack pack in store.ReadPacksAsync(found, after, null, cancellationToken))
            {
                through = pack.RowKey;
                await TakeAsync(pack, take);
                if (++packs >= maxPacks)
                {
                    // The rest of this hour is still to be read.
                    horizon = Math.Min(horizon, found.Hour);
                    break;
                }
            }

            if (through is not null)
            {
                ranges.Add(new LogRange(found.Key, after, through));
            }
        }

        return new LogSlice(ranges, horizon, packs, IsTruncated: true);
    }

    private static Task TakeAsync(LogPack pack, Func<LogPack, Task> take) => pack.IsFailed ? Task.CompletedTask : take(pack);
}
