using Microsoft.Extensions.Options;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Storage;

namespace Modeldrop.Lifecycle.Operations;

/// <summary>The kinds of work that have their own slots.</summary>
public enum SlotPool
{
    /// <summary>Opening, checking and validating a drop.</summary>
    Registration,

    /// <summary>Scoring a file.</summary>
    Batch,
}

/// <summary>
/// Limits how many operations do slow work at the same time, over all instances, so that the durable engine's queues stay short for quick
/// work. The others wait without an activity of their own until an operation that leaves wakes them.
/// </summary>
/// <remarks>
/// Thread-safe, and every method may be repeated. An operation that dies keeps its slot until <see cref="DeadWorkflows"/> removes it.
/// Throws <see cref="ErrorCode.StoreUnavailable"/>, and when many processes compete <see cref="ErrorCode.RegistryConflict"/>.
/// </remarks>
public sealed class WorkSlots(StorageAccount account, IOptions<LifecycleOptions> options)
{
    private readonly StoredLine<SlotEntry> _lines = new(account, "slots", "the line for slots");

    /// <summary>Requests a slot. An operation that already has a slot or a place in the line keeps it.</summary>
    /// <param name="since">When the work arrived. The earlier of two waiting operations comes first.</param>
    public async Task<SlotTurn> EnterAsync(SlotPool pool, OperationId operation, DateTimeOffset since, CancellationToken cancellationToken)
    {
        int slots = SlotsOf(pool);
        (_, IReadOnlyList<SlotEntry> after) = await _lines.ChangeAsync(
            pool.ToString(), line => SlotLine.Enter(line, operation, since, slots), cancellationToken);
        return SlotLine.TurnOf(after, operation);
    }

    /// <summary>Gives up the slot, or the place in the line.</summary>
    /// <returns>
    /// The operations to wake: those that have a slot now and had none before. A repeated call returns all that have a slot, so waking must
    /// be harmless.
    /// </returns>
    public async Task<IReadOnlyList<OperationId>> LeaveAsync(SlotPool pool, OperationId operation, CancellationToken cancellationToken)
    {
        int slots = SlotsOf(pool);
        (IReadOnlyList<SlotEntry> before, IReadOnlyList<SlotEntry> after) = await _lines.ChangeAsync(
            pool.ToString(), line => SlotLine.Leave(line, operation, slots), cancellationToken);
        OperationId[] worked = before.Any(entry => entry.Operation == operation) ? Working(before) : [];
        return [.. Working(after).Except(worked)];
    }

    public Task<IReadOnlyList<SlotEntry>> ListAsync(SlotPool pool, CancellationToken cancellationToken) =>
        _lines.ReadAsync(pool.ToString(), cancellationToken);

    /// <summary>Returns for each waiting operation how many are in front of it.</summary>
    public async Task<IReadOnlyDictionary<OperationId, int>> AheadAsync(CancellationToken cancellationToken)
    {
        Dictionary<OperationId, int> ahead = [];
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

    private static OperationId[] Working(IReadOnlyList<SlotEntry> line) =>
        [.. line.Where(entry => entry.Works).Select(entry => entry.Operation)];
}
