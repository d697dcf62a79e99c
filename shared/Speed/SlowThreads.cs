using System.Collections.Concurrent;

namespace Modeldrop.Speed;

/// <summary>
/// Threads for runs that take long, so that what is quick never waits for one: some of the pool's, which gets others for them, and then its
/// own.
/// </summary>
/// <remarks>
/// A request that runs where it is saves two wake-ups, a tenth of a millisecond. Own threads are kept for a while, as a new one costs more
/// than its wake-up. <c>bench/scoring.sh speed</c>: behind 16 runs of 200 ms a quick request waits 0.02 ms; were all on the pool, 600 ms.
/// A slow run has its thread after 10 µs, a new one after 34 µs.
/// </remarks>
internal static class SlowThreads
{
    /// <summary>Threads of the pool that slow runs may hold at a time: more run side by side no faster.</summary>
    internal static readonly int MaxHeld = Environment.ProcessorCount;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly ConcurrentStack<SlowThread> Idle = new();

    private static int _held;

    // Before the first is held, the pool may have as many more at once.
    static SlowThreads()
    {
        ThreadPool.GetMinThreads(out int workers, out int completions);
        ThreadPool.SetMinThreads(workers + MaxHeld, completions);
    }

    /// <summary>Lets the caller hold the pool's thread that it is on; if so, <see cref="Release"/> follows.</summary>
    public static bool TryHold()
    {
        if (Interlocked.Increment(ref _held) <= MaxHeld)
        {
            return true;
        }

        Interlocked.Decrement(ref _held);
        return false;
    }

    public static void Release() => Interlocked.Decrement(ref _held);

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
