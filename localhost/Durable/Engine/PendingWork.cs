using Modeldrop.LocalHost.Durable.Replay;

namespace Modeldrop.LocalHost.Durable.Engine;

/// <summary>What a history has asked for and not got yet.</summary>
internal sealed record PendingWork(
    IReadOnlyDictionary<int, TaskScheduled> Activities,
    IReadOnlyDictionary<int, TimerCreated> Timers,
    IReadOnlyDictionary<int, SubOrchestrationCreated> SubOrchestrations)
{
    public static PendingWork Of(IEnumerable<HistoryEvent> history)
    {
        var activities = new Dictionary<int, TaskScheduled>();
        var timers = new Dictionary<int, TimerCreated>();
        var subs = new Dictionary<int, SubOrchestrationCreated>();
        foreach (HistoryEvent happened in history)
        {
            switch (happened)
            {
                case TaskScheduled scheduled:
                    activities.Add(scheduled.TaskId, scheduled);
                    break;
                case TimerCreated created:
                    timers.Add(created.TaskId, created);
                    break;
                case SubOrchestrationCreated created:
                    subs.Add(created.TaskId, created);
                    break;
                case TimerCancelled cancelled:
                    timers.Remove(cancelled.TimerId);
                    break;
                case TaskOutcome outcome:
                    activities.Remove(outcome.TaskId);
                    timers.Remove(outcome.TaskId);
                    subs.Remove(outcome.TaskId);
                    break;
            }
        }

        return new PendingWork(activities, timers, subs);
    }

    public bool Awaits(TaskOutcome outcome) => outcome switch
    {
        TimerFired fired => Timers.ContainsKey(fired.TaskId),
        _ => Activities.ContainsKey(outcome.TaskId) || SubOrchestrations.ContainsKey(outcome.TaskId),
    };
}
