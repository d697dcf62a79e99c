namespace Modeldrop.Probe;

/// <summary>Who goes first where children wait for their turn.</summary>
public enum ProbePriority
{
    /// <summary>A person waits for the answer of a request.</summary>
    Asked,

    /// <summary>A step of an operation.</summary>
    Operation,

    /// <summary>Nobody waits: a timer's work.</summary>
    Background,
}

/// <summary>
/// So many children at once; of those that wait the first by priority, then by time. Nobody overtakes a child that has to be alone.
/// Thread-safe.
/// </summary>
internal sealed class ProbeTurns : IDisposable
{
    private readonly PriorityQueue<(TaskCompletionSource Turn, int Places), (ProbePriority Priority, long Number)> _waiting = new();
    private readonly int _children;
    private int _free;
    private long _number;

    public ProbeTurns(int children) => _free = _children = children;

    /// <param name="alone">Whether no other child runs meanwhile; <see cref="Leave"/> takes the same.</param>
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

    /// <summary>Ends the waits.</summary>
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
                // It may have been the one that others waited behind.
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
            // Who has given up meanwhile does not take the turn.
            if (next.Turn.TrySetResult())
            {
                _free -= next.Places;
            }
        }
    }
}
