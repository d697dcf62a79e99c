using System.Collections.Concurrent;
using Modeldrop.LocalHost.Durable.Replay;
using Modeldrop.LocalHost.Durable.Store;

namespace Modeldrop.LocalHost.Durable.Engine;

/// <summary>An instance while the leader has it in hand. One turn at a time touches it; only outcomes and the inbox flag come from elsewhere.</summary>
internal sealed class LiveInstance(string instanceId)
{
    private int _lookIntoInbox;

    public string InstanceId => instanceId;

    /// <summary>Null: to be read from the store.</summary>
    public InstanceRow? Row { get; private set; }

    public IReadOnlyList<HistoryEvent> History { get; private set; } = [];

    /// <summary>Size of the history in characters, for the cache's bound.</summary>
    public long Chars { get; private set; }

    /// <summary>Whether what the last turn sends may not have been sent.</summary>
    public bool NeedsDelivery { get; set; } = true;

    /// <summary>Turns that have failed since the last one that has not.</summary>
    public int Failures { get; set; }

    /// <summary>What has happened in this process and is not in the history yet.</summary>
    public ConcurrentQueue<HistoryEvent> Outcomes { get; } = new();

    /// <summary>Activities that this process has taken on and whose outcomes are not in the history yet.</summary>
    public HashSet<(string Execution, int TaskId)> Activities { get; } = [];

    /// <summary>Activities that have finished after the instance had.</summary>
    public HashSet<int> DetachedDone { get; } = [];

    public Dictionary<(string Execution, int TaskId), Alarm> Alarms { get; } = [];

    public void Set(InstanceRow row, IReadOnlyList<HistoryEvent> history)
    {
        Row = row;
        History = history;
        Chars = history.Sum(HistorySize.Of);
    }

    /// <summary>Drops what was read: the next turn reads it again.</summary>
    public void Forget()
    {
        Row = null;
        History = [];
        Chars = 0;
    }

    public void RequestInbox() => Interlocked.Exchange(ref _lookIntoInbox, 1);

    public bool TakeInboxRequest() => Interlocked.Exchange(ref _lookIntoInbox, 0) == 1;

    /// <summary>Removes the first outcomes: they are in the history, or nobody wants them.</summary>
    public void Discard(IReadOnlyCollection<HistoryEvent> outcomes)
    {
        foreach (HistoryEvent happened in outcomes)
        {
            Outcomes.TryDequeue(out _);
            if (happened is TaskOutcome outcome)
            {
                Activities.Remove((outcome.Execution, outcome.TaskId));
            }
        }
    }

    public void CancelAlarms(Func<(string Execution, int TaskId), bool> which)
    {
        foreach ((string Execution, int TaskId) key in Alarms.Keys.Where(which).ToList())
        {
            Alarms[key].Cancel();
            Alarms.Remove(key);
        }
    }
}

/// <summary>How much memory an event takes, roughly.</summary>
internal static class HistorySize
{
    private const int Record = 100;

    public static long Of(HistoryEvent happened) => Record + (happened switch
    {
        ExecutionStarted started => started.Input?.Length ?? 0,
        TaskScheduled scheduled => scheduled.Input?.Length ?? 0,
        TaskCompleted completed => completed.Result?.Length ?? 0,
        SubOrchestrationCreated created => created.Input?.Length ?? 0,
        EventSent sent => sent.Payload?.Length ?? 0,
        EventRaised raised => raised.Payload?.Length ?? 0,
        ExecutionCompleted completed => completed.Output?.Length ?? 0,
        _ => 0,
    });
}
