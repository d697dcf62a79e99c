using Modeldrop.Names;

namespace Modeldrop.Lifecycle.Operations;

/// <summary>An operation in a line for slots.</summary>
/// <param name="Since">When what it works on came: of two that wait, the earlier one is first.</param>
/// <param name="Works">Whether it has a slot.</param>
public sealed record SlotEntry(string Operation, DateTimeOffset Since, bool Works);

/// <summary>What an operation is told that asks for a slot.</summary>
/// <param name="Ahead">How many wait in front of it; 0 once it has a slot.</param>
public sealed record SlotTurn(bool Works, int Ahead);

/// <summary>
/// Who works and who waits: the earliest first, but one operation of a model at a time, so that no model's drops keep the others
/// waiting and those of one model follow each other. Who has a slot keeps it until it leaves. Pure.
/// </summary>
public static class SlotLine
{
    /// <summary>Puts the operation where its time says, unless it is in the line already.</summary>
    public static IReadOnlyList<SlotEntry> Enter(IReadOnlyList<SlotEntry> line, string operation, DateTimeOffset since, int slots) =>
        Fill(line.Any(entry => entry.Operation == operation)
            ? line
            : [.. line.Where(entry => entry.Since <= since), new SlotEntry(operation, since, Works: false),
                .. line.Where(entry => entry.Since > since)],
            slots);

    public static IReadOnlyList<SlotEntry> Leave(IReadOnlyList<SlotEntry> line, string operation, int slots) =>
        Fill([.. line.Where(entry => entry.Operation != operation)], slots);

    /// <param name="operation">It is in the line.</param>
    public static SlotTurn TurnOf(IReadOnlyList<SlotEntry> line, string operation) =>
        line.First(entry => entry.Operation == operation).Works
            ? new SlotTurn(true, 0)
            : new SlotTurn(false, line.TakeWhile(entry => entry.Operation != operation).Count(entry => !entry.Works));

    private static List<SlotEntry> Fill(IReadOnlyList<SlotEntry> line, int slots)
    {
        HashSet<string> models = [.. line.Where(entry => entry.Works).Select(ModelOf)];
        return [.. line.Select(
            entry => entry.Works || models.Count >= slots || !models.Add(ModelOf(entry)) ? entry : entry with { Works = true })];
    }

    private static string ModelOf(SlotEntry entry) => OperationId.Find(entry.Operation)?.Model.Value ?? entry.Operation;
}
