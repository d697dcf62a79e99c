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

/// <summary>So many children at once; of those that wait the first by priority, then by time. Thread-safe.</summary>
internal sealed class ProbeTurns(int children) : IDisposable
{
    private readonly PriorityQueue<TaskCompletionSource, (ProbePriority Priority, long Number)> _waiting = new();
    private int _free = children;
    private long _number;

    public async Task EnterAsync(ProbePriority priority, CancellationToken cancellationToken)
    {
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_waiting)
        {
            if (_free > 0)
            {
                _free--;
                return;
            }

            _waiting.Enqueue(turn, (priority, _number++));
        }

        await using CancellationTokenRegistration given = cancellationToken.Register(() => turn.TrySetCanceled(cancellationToken));
        await turn.Task;
    }

    public void Leave()
    {
        lock (_waiting)
        {
            // Who has given up meanwhile does not take the turn.
            while (_waiting.TryDequeue(out TaskCompletionSource? next, out _))
            {
                if (next.TrySetResult())
                {
                    return;
                }
            }

            _free++;
        }
    }

    /// <summary>Ends the waits.</summary>
    public void Dispose()
    {
        lock (_waiting)
        {
            while (_waiting.TryDequeue(out TaskCompletionSource? waiting, out _))
            {
                waiting.TrySetCanceled();
            }
        }
    }
}
