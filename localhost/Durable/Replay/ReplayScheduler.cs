namespace Modeldrop.LocalHost.Durable.Replay;

/// <summary>Runs orchestrator code on one thread, in a fixed order, and notices when anything else tries to continue it.</summary>
internal sealed class ReplayScheduler(Action onLateContinuation) : SynchronizationContext
{
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _queue = new();
    private readonly Lock _gate = new();
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private bool _closed;

    /// <summary>Whether a continuation came from outside: the code awaited something that is not a durable task.</summary>
    public bool Violated { get; private set; }

    /// <summary>Whether the caller is orchestrator code on its own thread.</summary>
    public bool IsCurrent => Current == this && Environment.CurrentManagedThreadId == _thread && !_closed;

    /// <summary>Runs the action and all that it continues.</summary>
    public void Run(Action action)
    {
        SynchronizationContext? before = Current;
        SetSynchronizationContext(this);
        try
        {
            action();
            while (TryTake(out (SendOrPostCallback Callback, object? State) next))
            {
                next.Callback(next.State);
            }
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    /// <summary>Ends the turn: what comes now comes from outside.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
        }
    }

    /// <summary>Notes that code of this orchestrator runs where it must not.</summary>
    public void ReportViolation()
    {
        bool late;
        lock (_gate)
        {
            Violated = true;
            late = _closed;
        }

        if (late)
        {
            onLateContinuation();
        }
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (_gate)
        {
            if (!_closed && Environment.CurrentManagedThreadId == _thread)
            {
                _queue.Enqueue((d, state));
                return;
            }
        }

        // The continuation is dropped: its place in the order would be chance.
        ReportViolation();
    }

    public override void Send(SendOrPostCallback d, object? state)
    {
        if (IsCurrent)
        {
            d(state);
        }
        else
        {
            ReportViolation();
        }
    }

    public override SynchronizationContext CreateCopy() => this;

    private bool TryTake(out (SendOrPostCallback Callback, object? State) next)
    {
        lock (_gate)
        {
            return _queue.TryDequeue(out next);
        }
    }
}
