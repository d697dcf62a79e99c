using Modeldrop.Speed;

namespace Modeldrop.Scoring.Running;

/// <summary>Decides who runs waiting requests, and on which thread.</summary>
internal sealed partial class RunQueue
{
    private bool TryEnter()
    {
        int running = Volatile.Read(ref _running);
        while (running < _runners)
        {
            int seen = Interlocked.CompareExchange(ref _running, running + 1, running);
            if (seen == running)
            {
                return true;
            }

            running = seen;
        }

        return false;
    }

    private void Leave()
    {
        Interlocked.Decrement(ref _running);
        CallRunner();
    }

    private void CallRunner()
    {
        if (Waiting == 0 || Volatile.Read(ref _running) >= _runners || Interlocked.CompareExchange(ref _taking, 1, 0) != 0)
        {
            return;
        }

        if (IsSlow)
        {
            SlowThreads.Queue(this);
        }
        else
        {
            // After the pool's queued work, which may include more requests for the same run.
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }
}
