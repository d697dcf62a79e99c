using Modeldrop.Names;

namespace Modeldrop.Predictions;

/// <summary>
/// A stretch of a partition of the log: behind <paramref name="After"/> (from the start when null) through <paramref name="Through"/>.
/// </summary>
public sealed record LogRange(string Partition, string? After, string Through);

/// <summary>
/// Where a reader of a model's log stands: partitions of hours before <paramref name="Horizon"/> are read and cannot grow.
/// </summary>
/// <param name="Positions"> Last row key that was read of the partitions from the horizon on, and of the newest ones before it: a clock
/// that was ahead has moved the horizon too far, and when it is put back those hours go on. </param>
/// <param name="Start">The first hour that is read.</param>
public sealed record LogCursor(uint Horizon, IReadOnlyDictionary<string, string> Positions, uint Start = 0)
{
    /// <summary>Partitions before the horizon whose position is kept: some days of a few processes, 12 KB of the state.</summary>
    private const int MaxKept = 200;

    public static LogCursor From(DateTimeOffset instant) =>
        new(PredictionId.HourOf(instant), new Dictionary<string, string>(), PredictionId.HourOf(instant));

    /// <summary>The place behind what was read.</summary>
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

/// <summary>What was read in one go.</summary>
/// <param name="Horizon">Of a cursor that stands behind it; before that of the cursor that was read from when the clock was put
/// back.</param>
/// <param name="Packs">How many there were, of other models with the same hash too.</param>
/// <param name="IsTruncated">There is more in the log.</param>
public sealed record LogSlice(IReadOnlyList<LogRange> Ranges, uint Horizon, int Packs, bool IsTruncated);

/// <summary>Reads a model's log from where a reader has stopped, each pack once.</summary>
/// <remarks>
/// Partitions are found by hopping from one to the next from the horizon on: two transactions each, however much they hold.
/// </remarks>
public sealed class LogReader(PredictionStore store, TimeProvider clock)
{
    /// <summary>The same stretches again.</summary>
    /// <param name="take">As below.</param>
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

    /// <param name="maxPacks">Stops with the pack that reaches it.</param>
    /// <param name="take">Gets every pack of answered requests, also those of another model with the same hash.</param>
    public async Task<LogSlice> ReadAsync(
        ModelName model, LogCursor cursor, int maxPacks, Func<LogPack, Task> take, CancellationToken cancellationToken)
    {
        // Taken before reading: what may still grow while we read must stay open. That is so, too, of hours that were closed by a clock
        // which was ahead; what was read of them then, the positions know.
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
