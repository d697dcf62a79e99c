using System.Threading.Channels;

namespace Modeldrop.LocalHost.Durable.Engine;

/// <summary>What is to be done with an instance after its turn.</summary>
internal enum TurnEnd
{
    /// <summary>Wait for the next event.</summary>
    Idle,

    /// <summary>Another turn follows at once.</summary>
    Again,

    /// <summary>The instance needs nothing more.</summary>
    Finished,
}

/// <summary>Instances that are due for a turn: several at a time, each only once at a time.</summary>
internal sealed class TurnQueue(int maxCachedChars)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _entries = [];
    private readonly Channel<Entry> _ready = Channel.CreateUnbounded<Entry>();
    private long _turns;

    private enum Phase
    {
        Idle,
        Queued,
        Running,
        RunningAndQueued,
    }

    /// <summary>Asks for a turn that looks into the inbox.</summary>
    public void Wake(string instanceId)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(instanceId, out Entry? entry))
            {
                _entries.Add(instanceId, entry = new Entry(new LiveInstance(instanceId)));
            }

            entry.Instance.RequestInbox();
            Enqueue(entry);
        }
    }

    /// <summary>Asks for a turn, if the instance is still in hand.</summary>
    public void Enqueue(LiveInstance instance)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(instance.InstanceId, out Entry? entry) && entry.Instance == instance)
            {
                Enqueue(entry);
            }
        }
    }

    /// <summary>Runs turns as they become due until stopped; a turn that has begun is finished. Several of these may run.</summary>
    public async Task RunAsync(Func<LiveInstance, Task<TurnEnd>> turn, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            Entry entry;
            try
            {
                entry = await _ready.Reader.ReadAsync(stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            lock (_gate)
            {
                entry.Phase = Phase.Running;
            }

            End(entry, await turn(entry.Instance));
        }
    }

    /// <summary>All instances in hand. Only meaningful when no turn runs.</summary>
    public IReadOnlyList<LiveInstance> All()
    {
        lock (_gate)
        {
            return [.. _entries.Values.Select(entry => entry.Instance)];
        }
    }

    private void Enqueue(Entry entry)
    {
        if (entry.Phase == Phase.Idle)
        {
            entry.Phase = Phase.Queued;
            _ready.Writer.TryWrite(entry);
        }
        else if (entry.Phase == Phase.Running)
        {
            entry.Phase = Phase.RunningAndQueued;
        }
    }

    private void End(Entry entry, TurnEnd end)
    {
        lock (_gate)
        {
            bool again = entry.Phase == Phase.RunningAndQueued || end == TurnEnd.Again;
            entry.Phase = Phase.Idle;
            entry.LastTurn = _turns++;
            if (again)
            {
                Enqueue(entry);
            }
            else if (end == TurnEnd.Finished)
            {
                _entries.Remove(entry.Instance.InstanceId);
            }

            Evict();
        }
    }

    /// <summary>Lets go of histories that were not used for long, down to half of the bound.</summary>
    private void Evict()
    {
        long chars = _entries.Values.Sum(entry => entry.Phase == Phase.Idle ? entry.Instance.Chars : 0);
        if (chars <= maxCachedChars)
        {
            return;
        }

        foreach (Entry entry in _entries.Values.Where(entry => entry.Phase == Phase.Idle && entry.Instance.Chars > 0).OrderBy(entry => entry.LastTurn))
        {
            chars -= entry.Instance.Chars;
            entry.Instance.Forget();
            if (chars <= maxCachedChars / 2)
            {
                return;
            }
        }
    }

    private sealed class Entry(LiveInstance instance)
    {
        public LiveInstance Instance => instance;

        public Phase Phase { get; set; }

        public long LastTurn { get; set; }
    }
}
