namespace Modeldrop.Probe;

/// <summary>The order in which waiting children start.</summary>
public enum ProbePriority
{
    /// <summary>A person waits for the answer of a request.</summary>
    Asked,

    /// <summary>A step of an operation.</summary>
    Operation,

    /// <summary>Nobody waits: the work of a timer.</summary>
    Background,
}

/// <summary>
/// Limits the number of concurrent children. Waiting children start by priority, then by time. None overtakes a child that must run alone.
/// Thread-safe.
/// </summary>
internal sealed class ProbeTurns : IDisposable
{
    private readonly PriorityQueue<(TaskCompletionSource Turn, int Places), (ProbePriority Priority, long Number)> _waiting = new();
    private readonly int _children;
    private int _free;
    private long _number;

    public ProbeTurns(int children) => _free = _children = children;

    /// <param name="alone">Whether no other child may run at the same time; pass the same value to <see cref="Leave"/>.</param>
    public async Task EnterAsync(ProbePriority priority, bool alone, CancellationToken cancellationToken)
    {
        int places = PlacesOf(alone);
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_waiting)
        {
            _waiting.Enqueue((turn, places), (priority, _number++));
            Dispatch();
        }

        await using CancellationTokenRegistration given = cancellationToken.Register(() => GiveUp(turn, cancellationToken));
        await turn.Task;
    }

    public void Leave(bool alone)
    {
        lock (_waiting)
        {
            _free += PlacesOf(alone);
            Dispatch();
        }
    }

    /// <summary>Cancels all waits.</summary>
    public void Dispose()
    {
        lock (_waiting)
        {
            while (_waiting.TryDequeue(out (TaskCompletionSource Turn, int Places) waiting, out _))
            {
                waiting.Turn.TrySetCanceled();
            }
        }
    }

    private int PlacesOf(bool alone) => alone ? _children : 1;

    private void GiveUp(TaskCompletionSource turn, CancellationToken cancellationToken)
    {
        lock (_waiting)
        {
            if (turn.TrySetCanceled(cancellationToken))
            {
                // Others may have waited behind the cancelled one.
                Dispatch();
            }
        }
    }

    private void Dispatch()
    {
        while (_waiting.TryPeek(out (TaskCompletionSource Turn, int Places) next, out _)
            && (next.Turn.Task.IsCompleted || next.Places <= _free))
        {
            _waiting.Dequeue();
            // A cancelled waiter does not take the turn.
            if (next.Turn.TrySetResult())
            {
                _free -= next.Places;
            }
        }
    }
}
