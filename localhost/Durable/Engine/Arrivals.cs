using Modeldrop.LocalHost.Durable.Replay;
using Modeldrop.LocalHost.Durable.Store;

namespace Modeldrop.LocalHost.Durable.Engine;

/// <summary>What of all that has come to an instance becomes part of its history: everything once, nothing for another run.</summary>
internal static class Arrivals
{
    /// <summary>Messages of earlier generations whose second copies are still known.</summary>
    private const int MaxSeen = 500;

    public static List<HistoryEvent> Select(
        InstanceRow row, IReadOnlyList<HistoryEvent> history, IReadOnlyList<InboxMessage> inbox, IReadOnlyList<HistoryEvent> fromThisProcess)
    {
        PendingWork pending = PendingWork.Of(history);
        HashSet<string> seen = [.. Seen(history)];
        var answered = new HashSet<int>();
        var arrived = new List<HistoryEvent>();
        foreach (InboxMessage message in inbox)
        {
            // Older than the instance: meant for the one that had the id before.
            if (message.SentAt >= row.CreatedAt && (message.Event.MessageId is not { } id || seen.Add(id)))
            {
                Take(message.Event);
            }
        }

        foreach (HistoryEvent happened in fromThisProcess)
        {
            Take(happened);
        }

        return arrived;

        void Take(HistoryEvent happened)
        {
            bool wanted = happened switch
            {
                TaskOutcome outcome => outcome.Execution == row.Execution && pending.Awaits(outcome) && answered.Add(outcome.TaskId),
                AwaitViolated violated => violated.Execution == row.Execution,
                _ => true,
            };
            if (wanted)
            {
                arrived.Add(happened);
            }
        }
    }

    /// <summary>Ids of the messages that the history, and those before it, have taken: the latest last.</summary>
    public static IEnumerable<string> Seen(IReadOnlyList<HistoryEvent> history) =>
        ((ExecutionStarted)history[0]).Seen.Concat(history.Select(happened => happened.MessageId).OfType<string>());

    /// <summary>What of <see cref="Seen"/> the next generation keeps.</summary>
    public static IReadOnlyList<string> SeenByNextGeneration(IEnumerable<HistoryEvent> history) =>
        [.. Seen([.. history]).TakeLast(MaxSeen)];
}
