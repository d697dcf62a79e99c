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
    private static readonly ConcurrentStack<SlowThread> IdleLow = new();

    /// <summary>Maximum number of pool threads that decode or encode a large body at a time.</summary>
    internal static readonly int MaxLargeBodies = Math.Max(1, Environment.ProcessorCount / 2);

    private static readonly int QuickWorkers = 4 * Environment.ProcessorCount;

    /// <summary>
    /// Number of pool threads that start without delay. Many for each processor: beside work of several milliseconds, a small request then
    /// waits for the system, which is fair, instead of the pool, which starts a piece of work when another has ended.
    /// </summary>
    internal static readonly int MinWorkers;
    private static readonly int MinCompletions;

    private static readonly Lock Replacing = new();

    private static int _held;
    private static int _replaced;

    static SlowThreads()
    {
        ThreadPool.GetMinThreads(out int workers, out MinCompletions);
        MinWorkers = Math.Max(workers, QuickWorkers) + MaxHeld + MaxLargeBodies;
        ThreadPool.SetMinThreads(MinWorkers, MinCompletions);
    }

    /// <summary>Number of additional threads because of <see cref="Replace"/>.</summary>
    internal static int Replaced => Volatile.Read(ref _replaced);

    /// <summary>
    /// Lets the pool have more threads, one for each that a long run holds because its session was not known to be slow. By itself the pool
    /// adds one after half a second, and requests to all models wait meanwhile.
    /// </summary>
    /// <param name="change">How many more threads than at the caller's last call are held; negative: fewer.</param>
    public static void Replace(int change)
    {
        if (change == 0)
        {
            return;
        }

        lock (Replacing)
        {
            ThreadPool.SetMinThreads(MinWorkers + _replaced + change, MinCompletions);
            _replaced += change;
        }
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
    public static void Queue(IThreadPoolWorkItem work) => Queue(work, isLow: false);

    /// <summary>
    /// Runs <paramref name="work"/> on a thread whose priority can be lowered, while the caller's thread waits. With low priority it gets
    /// the processor time that others leave.
    /// </summary>
    /// <param name="isLow">Whether the thread has low priority from the start.</param>
    /// <param name="work">
    /// Gets what lowers the priority of its thread, which it must not pass on beyond its end. Should start no thread and use no pool, since
    /// threads inherit the priority of the one that starts them, and have no lock that others wait for.
    /// </param>
    public static T RunApart<T>(bool isLow, Func<Action, T> work)
    {
        var call = new Call<T>(() => work(SlowThread.Current!.Lower));
        Queue(call, isLow);
        return call.Task.GetAwaiter().GetResult();
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

    private static void Queue(IThreadPoolWorkItem work, bool isLow)
    {
        while ((isLow ? IdleLow : Idle).TryPop(out SlowThread? thread))
        {
            if (thread.TryGive(work))
            {
                return;
            }
        }

        new SlowThread(work, isLow).Start();
    }

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

    private sealed class SlowThread(IThreadPoolWorkItem first, bool startsLow)
    {
        private readonly object _changing = new();
        private IThreadPoolWorkItem? _work = first;
        private int? _thread;
        private bool _isLow;
        private bool _hasLeft;

        [field: ThreadStatic]
        public static SlowThread? Current { get; private set; }

        public void Start() => new Thread(Run) { IsBackground = true, Name = "slow model" }.UnsafeStart();

        /// <summary>Lowers the priority of this thread, which from then on is for work of low priority only.</summary>
        public void Lower()
        {
            if (!_isLow && _thread is { } thread)
            {
                Scheduling.LowerPriority(thread);
            }

            _isLow = true;
        }

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
            Current = this;
            _thread = Scheduling.CurrentThread();
            if (startsLow)
            {
                Lower();
            }

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
                (_isLow ? IdleLow : Idle).Push(this);
                Monitor.Wait(_changing, Patience);
                _hasLeft = _work is null;
            }
        }
    }
}
