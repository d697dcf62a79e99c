using System.Collections.Concurrent;

namespace Modeldrop.Speed;

/// <summary>
/// Threads for slow runs and for calls that block, so that quick work never waits for them: for runs first some threads of the pool, which
/// is allowed as many additional ones, then dedicated threads.
/// </summary>
/// <remarks>
/// A request that stays on its thread saves two wake-ups, a tenth of a millisecond. Dedicated threads are kept for a while, as creating one
/// costs more than waking one.
/// <c>bench/scoring.sh speed</c>: behind 16 runs of 200 ms a quick request waits 0.02 ms; with all of them on the pool, 600 ms.
/// A slow run has its thread after 10 µs, and a new thread starts after 34 µs.
/// </remarks>
internal static class SlowThreads
{
    /// <summary>Maximum number of pool threads that slow runs may hold at a time: more parallel runs are not faster.</summary>
    internal static readonly int MaxHeld = Environment.ProcessorCount;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly ConcurrentStack<SlowThread> Idle = new();

    private static int _held;

    // Before the first thread is held, the pool may create this many more threads without delay.
    static SlowThreads()
    {
        ThreadPool.GetMinThreads(out int workers, out int completions);
        ThreadPool.SetMinThreads(workers + MaxHeld, completions);
    }

    /// <summary>Lets the caller hold its current pool thread; if it returns true, the caller must call <see cref="Release"/>.</summary>
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

    /// <summary>Executes <paramref name="work"/> on a thread that does nothing else in the meantime.</summary>
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

    /// <summary>Runs <paramref name="work"/>, which may block, on such a thread; the caller continues on the pool.</summary>
    public static Task<T> RunAsync<T>(Func<T> work)
    {
        var call = new Call<T>(work);
        Queue(call);
        return call.Task;
    }

    /// <inheritdoc cref="RunAsync{T}"/>
    public static Task RunAsync(Action work) => RunAsync(() =>
    {
        work();
        return true;
    });

    private sealed class Call<T>(Func<T> work) : IThreadPoolWorkItem
    {
        private readonly TaskCompletionSource<T> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<T> Task => _result.Task;

        public void Execute()
        {
            try
            {
                _result.SetResult(work());
            }
            catch (Exception exception)
            {
                _result.SetException(exception);
            }
        }
    }

    private sealed class SlowThread(IThreadPoolWorkItem first)
    {
        private readonly object _changing = new();
        private IThreadPoolWorkItem? _work = first;
        private bool _hasLeft;

        public void Start() => new Thread(Run) { IsBackground = true, Name = "slow model" }.UnsafeStart();

        /// <returns>False when the thread has stopped waiting.</returns>
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
