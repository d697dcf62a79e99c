using Microsoft.Extensions.Options;
using Modeldrop.Errors;
using Modeldrop.Storage;

namespace Modeldrop.Lifecycle.Operations;

/// <summary>What has slots of its own.</summary>
public enum SlotPool
{
    /// <summary>Opening, checking and validating a drop.</summary>
    Registration,

    /// <summary>Scoring a file.</summary>
    Batch,
}

/// <summary>
/// Bounds how many operations do slow work at the same time, on all instances together, so that quick work finds the durable engine's
/// queues short. The others wait without an activity of their own until the one that leaves wakes them.
/// </summary>
/// <remarks>
/// Thread-safe, and every method may be repeated. An operation that dies keeps its slot: <see cref="DeadWorkflows"/> removes it.
/// Throws <see cref="ErrorCode.StoreUnavailable"/>, and under a crowd of processes <see cref="ErrorCode.RegistryConflict"/>.
/// </remarks>
public sealed class WorkSlots(StorageAccount account, IOptions<LifecycleOptions> options)
{
    private readonly StoredLine<SlotEntry> _lines = new(account, "slots", "the line for slots");

    /// <summary>Asks for a slot; the operation keeps the one that it has, or its place.</summary>
    /// <param name="since">Of two that wait, the earlier one is first.</param>
    public async Task<SlotTurn> EnterAsync(SlotPool pool, string operation, DateTimeOffset since, CancellationToken cancellationToken)
    {
        int slots = SlotsOf(pool);
        (_, IReadOnlyList<SlotEntry> after) = await _lines.ChangeAsync(
            pool.ToString(), line => SlotLine.Enter(line, operation, since, slots), cancellationToken);
        return SlotLine.TurnOf(after, operation);
    }

    /// <summary>Gives the slot, or the place, back.</summary>
    /// <returns>Who has a slot now and did not before, to be woken. A repeated call names all who have one: waking must be
    /// harmless.</returns>
    public async Task<IReadOnlyList<string>> LeaveAsync(SlotPool pool, string operation, CancellationToken cancellationToken)
    {
        int slots = SlotsOf(pool);
        (IReadOnlyList<SlotEntry> before, IReadOnlyList<SlotEntry> after) = await _lines.ChangeAsync(
            pool.ToString(), line => SlotLine.Leave(line, operation, slots), cancellationToken);
        string[] worked = before.Any(entry => entry.Operation == operation) ? Working(before) : [];
        return [.. Working(after).Except(worked)];
    }

    public Task<IReadOnlyList<SlotEntry>> ListAsync(SlotPool pool, CancellationToken cancellationToken) =>
        _lines.ReadAsync(pool.ToString(), cancellationToken);

    /// <summary>How many wait in front, of each operation that waits.</summary>
    public async Task<IReadOnlyDictionary<string, int>> AheadAsync(CancellationToken cancellationToken)
    {
        Dictionary<string, int> ahead = [];
        foreach (SlotPool pool in Enum.GetValues<SlotPool>())
        {
            foreach ((int place, SlotEntry entry) in (await ListAsync(pool, cancellationToken)).Where(entry => !entry.Works).Index())
            {
                ahead[entry.Operation] = place;
            }
        }

        return ahead;
    }

    private int SlotsOf(SlotPool pool) => pool == SlotPool.Batch ? options.Value.BatchSlots : options.Value.RegistrationSlots;

    private static string[] Working(IReadOnlyList<SlotEntry> line) =>
        [.. line.Where(entry => entry.Works).Select(entry => entry.Operation)];
}
