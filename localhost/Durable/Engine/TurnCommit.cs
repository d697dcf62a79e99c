using Modeldrop.LocalHost.Durable.Replay;
using Modeldrop.LocalHost.Durable.Store;

namespace Modeldrop.LocalHost.Durable.Engine;

/// <summary>What a turn writes.</summary>
/// <param name="Row">The new row, still with the ETag of the old one.</param>
/// <param name="History">The whole history of the (possibly new) generation.</param>
/// <param name="NewEvents">The last so many events of the history are new.</param>
internal sealed record TurnCommit(InstanceRow Row, IReadOnlyList<HistoryEvent> History, int NewEvents, bool ContinuesAsNew)
{
    /// <param name="arrived">Begins with the turn.</param>
    public static TurnCommit Of(InstanceRow row, IReadOnlyList<HistoryEvent> history, IReadOnlyList<HistoryEvent> arrived, TurnResult result)
    {
        InstanceRow next = row with
        {
            Status = result.Status,
            UpdatedAt = ((TurnStarted)arrived[0]).At,
            CustomStatus = result.CustomStatus.IsSet ? result.CustomStatus.Value : row.CustomStatus,
            Failure = result.Completed?.Failure,
        };
        return result.NextGeneration is { } generation
            ? NextGeneration(next, history, arrived, result.Actions, generation.Input, generation.Carried)
            : SameGeneration(next, history, arrived, result);
    }

    private static TurnCommit SameGeneration(
        InstanceRow next, IReadOnlyList<HistoryEvent> history, IReadOnlyList<HistoryEvent> arrived, TurnResult result)
    {
        List<HistoryEvent> all = [.. history, .. arrived, .. result.Actions];
        if (result.Completed is not null)
        {
            all.Add(result.Completed);
        }

        next = next with { TurnStart = history.Count, HistoryLength = all.Count };
        if (next.IsFinished)
        {
            next = next with
            {
                Outbox = Outgoing.Of(next, all).Count > 0,
                Detached = next.Status != OrchestrationRuntimeStatus.Terminated && PendingWork.Of(all).Activities.Count > 0,
            };
        }

        return new TurnCommit(next, all, all.Count - history.Count, ContinuesAsNew: false);
    }

    private static TurnCommit NextGeneration(
        InstanceRow next,
        IReadOnlyList<HistoryEvent> history,
        IReadOnlyList<HistoryEvent> arrived,
        IReadOnlyList<TaskAction> actions,
        string? input,
        IReadOnlyList<HistoryEvent> carried)
    {
        var started = new ExecutionStarted(next.Name, input, ((ExecutionStarted)history[0]).Parent)
        {
            Seen = Arrivals.SeenByNextGeneration(history.Concat(arrived)),
        };
        IEnumerable<Inherited> sent = actions
            .Where(action => action is SubOrchestrationCreated or EventSent)
            .Select(action => new Inherited(next.Execution, next.UpdatedAt, action));
        List<HistoryEvent> all = [started, .. sent, .. carried];
        next = next with { Generation = next.Generation + 1, TurnStart = 0, HistoryLength = all.Count };
        return new TurnCommit(next, all, all.Count, ContinuesAsNew: true);
    }
}
