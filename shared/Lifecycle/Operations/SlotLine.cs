using Modeldrop.Names;

namespace Modeldrop.Lifecycle.Operations;

/// <summary>An operation in the line for slots.</summary>
/// <param name="Since">When its work arrived. The earlier of two waiting operations comes first.</param>
/// <param name="Works">Whether it has a slot.</param>
public sealed record SlotEntry(OperationId Operation, DateTimeOffset Since, bool Works);

/// <summary>The answer to an operation that requests a slot.</summary>
/// <param name="Ahead">Number of operations in front; 0 once it has a slot.</param>
public sealed record SlotTurn(bool Works, int Ahead);

/// <summary>
/// Decides which operations work and which wait. The earliest comes first, but only one operation of a model works at a time: one model's
/// drops neither block the others nor overtake each other. An operation keeps its slot until it leaves. Pure.
/// </summary>
public static class SlotLine
{
    /// <summary>Inserts the operation at the position of its time, unless it is already in the line.</summary>
    public static IReadOnlyList<SlotEntry> Enter(IReadOnlyList<SlotEntry> line, OperationId operation, DateTimeOffset since, int slots) =>
        Fill(line.Any(entry => entry.Operation == operation)
            ? line
            : [.. line.Where(entry => entry.Since <= since), new SlotEntry(operation, since, Works: false),
                .. line.Where(entry => entry.Since > since)],
            slots);

    public static IReadOnlyList<SlotEntry> Leave(IReadOnlyList<SlotEntry> line, OperationId operation, int slots) =>
        Fill([.. line.Where(entry => entry.Operation != operation)], slots);

    /// <param name="operation">An operation in the line.</param>
    public static SlotTurn TurnOf(IReadOnlyList<SlotEntry> line, OperationId operation) =>
        line.First(entry => entry.Operation == operation).Works
            ? new SlotTurn(true, 0)
            : new SlotTurn(false, line.TakeWhile(entry => entry.Operation != operation).Count(entry => !entry.Works));

    private static List<SlotEntry> Fill(IReadOnlyList<SlotEntry> line, int slots)
    {
        HashSet<ModelName> models = [.. line.Where(entry => entry.Works).Select(entry => entry.Operation.Model)];
        return [.. line.Select(
            entry => entry.Works || models.Count >= slots || !models.Add(entry.Operation.Model) ? entry : entry with { Works = true })];
    }
}
