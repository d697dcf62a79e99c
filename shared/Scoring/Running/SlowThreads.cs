using System.Collections.Concurrent;

namespace Modeldrop.Scoring;

/// <summary>Threads for runs that take long, so that they do not hold those of the pool; kept for a while, as a new one costs more than its wake-up.</summary>
internal static class SlowThreads
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly ConcurrentStack<SlowThread> Idle = new();

    /// <summary>Executes <paramref name="work"/> on a thread that does nothing else meanwhile.</summary>
    public static void Queue(IThreadPoolWorkItem work)
    {
        while (Idle.TryPop(out SlowThread? thread))
        {
            if (thread.TryGive(work))
            {
                return;
            }
        }

        new SlowThread(work).Start();
    }

    private sealed class SlowThread(IThreadPoolWorkItem first)
    {
        private readonly object _changing = new();
        private IThreadPoolWorkItem? _work = first;
        private bool _hasLeft;

        public void Start() => new Thread(Run) { IsBackground = true, Name = "slow model" }.UnsafeStart();

        /// <returns>False when the thread has given up waiting.</returns>
        public bool TryGive(IThreadPoolWorkItem work)
        {
            lock (_changing)
            {
                _work = _hasLeft ? null : work;
                Monitor.Pulse(_changing);
                return !_hasLeft;
            }
        }

        private void Run()
        {
            while (_work is { } work)
            {
                work.Execute();
                Wait();
            }
        }

        private void Wait()
        {
            lock (_changing)
            {
                _work = null;
                Idle.Push(this);
                Monitor.Wait(_changing, Patience);
                _hasLeft = _work is null;
            }
        }
    }
}
