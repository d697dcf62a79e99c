using Modeldrop.LocalHost.Durable.Replay;
using Modeldrop.LocalHost.Durable.Store;

namespace Modeldrop.LocalHost.Durable.Engine;

/// <summary>What runs in memory for an instance: activities and alarms.</summary>
internal sealed partial class InstanceTurn
{
    /// <summary>Brings what runs in memory in line with the history.</summary>
    private void Reconcile(LiveInstance live, DateTimeOffset now)
    {
        InstanceRow row = live.Row!;
        PendingWork pending = PendingWork.Of(live.History);
        StartActivities(live, row.Execution, pending.Activities.Values);

        bool startsLater = row.Status == OrchestrationRuntimeStatus.Pending && row.StartAt > now;
        live.CancelAlarms(key => key.Execution != row.Execution
            || (key.TaskId == StartAlarm ? !startsLater : !pending.Timers.ContainsKey(key.TaskId)));
        if (startsLater)
        {
            Arm(live, StartAlarm, row.StartAt!.Value, () => queue.Enqueue(live));
        }

        foreach (TimerCreated timer in pending.Timers.Values)
        {
            Arm(live, timer.TaskId, timer.FireAt, () => Post(live, new TimerFired(timer.TaskId, row.Execution)));
        }
    }

    private void Arm(LiveInstance live, int taskId, DateTimeOffset due, Action ring)
    {
        (string, int) key = (live.Row!.Execution, taskId);
        if (!live.Alarms.ContainsKey(key))
        {
            live.Alarms.Add(key, timers.Arm(due, ring));
        }
    }

    private void StartActivities(LiveInstance live, string execution, IEnumerable<TaskScheduled> scheduled)
    {
        foreach (TaskScheduled activity in scheduled)
        {
            if (live.Activities.Add((execution, activity.TaskId)))
            {
                activities.Start(new ActivityCall(live, execution, activity));
            }
        }
    }
}
