using Modeldrop.LocalHost.Durable.Replay;
using Modeldrop.LocalHost.Durable.Store;

namespace Modeldrop.LocalHost.Durable.Engine;

/// <summary>Something that an instance sends to another.</summary>
internal abstract record Delivery(string InstanceId);

/// <summary>A message for the other's inbox; the same message always has the same key.</summary>
internal sealed record MessageDelivery(string InstanceId, string RowKey, HistoryEvent Message) : Delivery(InstanceId);

/// <summary>A sub-orchestration to start.</summary>
/// <param name="TaskId">The parent's task that waits for it.</param>
internal sealed record StartDelivery(string InstanceId, InstanceRow Instance, ExecutionStarted Started, int TaskId, string Execution) : Delivery(InstanceId);

/// <summary>What the last turn of an instance sends, derived from the history alone: a host that takes over sends exactly the same again.</summary>
internal static class Outgoing
{
    public static List<Delivery> Of(InstanceRow row, IReadOnlyList<HistoryEvent> history)
    {
        var started = (ExecutionStarted)history[0];
        PendingWork pending = PendingWork.Of(history);
        var deliveries = new List<Delivery>();
        DateTimeOffset at = row.CreatedAt;
        foreach (HistoryEvent happened in history.Skip(row.TurnStart))
        {
            switch (happened)
            {
                case TurnStarted turn:
                    at = turn.At;
                    break;
                case Inherited { Action: SubOrchestrationCreated created } inherited:
                    deliveries.Add(Start(row, created, inherited.Execution, inherited.At));
                    break;
                case Inherited { Action: EventSent sent } inherited:
                    deliveries.Add(Send(sent, inherited.Execution, inherited.At));
                    break;
                case SubOrchestrationCreated created when pending.SubOrchestrations.ContainsKey(created.TaskId):
                    deliveries.Add(Start(row, created, row.Execution, at));
                    break;
                case EventSent sent:
                    deliveries.Add(Send(sent, row.Execution, at));
                    break;
                case ExecutionTerminated { Recursive: true } terminated:
                    deliveries.AddRange(pending.SubOrchestrations.Values.Select(sub => Terminate(sub, terminated, row.Execution, at)));
                    break;
                case ExecutionCompleted completed when started.Parent is { } parent:
                    deliveries.Add(Answer(parent, completed, row.Execution, at));
                    break;
            }
        }

        return deliveries;
    }

    private static StartDelivery Start(InstanceRow parent, SubOrchestrationCreated created, string execution, DateTimeOffset at)
    {
        var child = new InstanceRow
        {
            InstanceId = created.InstanceId,
            Name = created.Name,
            StartId = StartIds.OfChild(execution, created.TaskId),
            Status = OrchestrationRuntimeStatus.Pending,
            CreatedAt = at,
            UpdatedAt = at,
            ParentInstanceId = parent.InstanceId,
        };
        var link = new ParentLink(parent.Name, parent.InstanceId, execution, created.TaskId);
        return new StartDelivery(created.InstanceId, child, new ExecutionStarted(created.Name, created.Input, link), created.TaskId, execution);
    }

    private static MessageDelivery Send(EventSent sent, string execution, DateTimeOffset at) =>
        Message(sent.InstanceId, at, sent.TaskId, $"{execution}.{sent.TaskId}", new EventRaised(sent.Name, sent.Payload));

    private static MessageDelivery Terminate(SubOrchestrationCreated sub, ExecutionTerminated terminated, string execution, DateTimeOffset at) =>
        Message(sub.InstanceId, at, sub.TaskId, $"{execution}.{sub.TaskId}.terminate", new ExecutionTerminated(terminated.Output, Recursive: true));

    private static MessageDelivery Answer(ParentLink parent, ExecutionCompleted completed, string execution, DateTimeOffset at)
    {
        TaskOutcome outcome = completed.Status == OrchestrationRuntimeStatus.Completed
            ? new TaskCompleted(parent.TaskId, parent.Execution, completed.Output)
            : new TaskFailed(parent.TaskId, parent.Execution, completed.Failure ?? new TaskFailureDetails(
                "Terminated", "The sub-orchestration was terminated.", null, null, null));
        return Message(parent.InstanceId, at, 0, $"{execution}.done", outcome);
    }

    private static MessageDelivery Message(string instanceId, DateTimeOffset at, int order, string id, HistoryEvent message) =>
        new(instanceId, RowKeys.Message(at, order, id), message with { MessageId = id });
}
