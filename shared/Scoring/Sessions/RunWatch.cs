using System.Collections.Concurrent;
using System.Diagnostics;
using Modeldrop.Speed;
using Modeldrop.Wire;

namespace Modeldrop.Scoring.Sessions;

/// <summary>
/// Checks all runs of a cache ten times a second. Ends runs that take too long or whose callers have gone, and all runs when the process
/// stops; refuses requests that have waited too long; replaces threads of the pool that long runs hold; frees the memory of long runs and
/// of large requests.
/// </summary>
/// <remarks>It has a dedicated thread: runs that do not end may hold every thread of the pool.</remarks>
internal sealed class RunWatch : IDisposable
{
    internal static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>Loops that take longer leave the processors to other work.</summary>
    internal static readonly TimeSpan LongLoop = TimeSpan.FromMilliseconds(250);

    // A run that writes much memory takes longer than this.
    private static readonly TimeSpan Long = TimeSpan.FromMilliseconds(5);

    // Consecutive long runs reuse the memory of the previous one.
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Busy = TimeSpan.FromSeconds(10);

    private const long GarbageBytes = 128L << 20;

    private readonly ConcurrentDictionary<ModelSession, byte> _sessions = new();
    private readonly ManualResetEventSlim _isClosing = new();
    private readonly TimeSpan _maxRunTime;
    private readonly TimeSpan _maxWaitTime;
    private readonly Thread _thread;
    private long _stopAt = long.MaxValue;
    private long _lastLongRun;
    private long _lastShrink = Stopwatch.GetTimestamp();
    private long _lastCollection;

    public RunWatch(ScoringOptions options)
    {
        Budget = new MemoryBudget(options.InFlightBytes);
        _maxRunTime = options.MaxRunTime;
        _maxWaitTime = options.MaxWaitTime;
        NativeHeap.ReturnLargeBlocks();
        _thread = new Thread(WatchAll) { IsBackground = true, Name = "run watch" };
        _thread.UnsafeStart();
    }

    /// <summary>The budget of the requests that the runs belong to.</summary>
    public MemoryBudget Budget { get; }

    /// <summary>Memory of the open sessions, including evicted ones that are still in use.</summary>
    public long OpenBytes => _sessions.Keys.Sum(session => session.MemoryBytes);

    public void Add(ModelSession session) => _sessions.TryAdd(session, 0);

    public void Remove(ModelSession session) => _sessions.TryRemove(session, out _);

    /// <summary>Reports that a run has ended.</summary>
    public void Ran(TimeSpan duration)
    {
        if (duration > Long)
        {
            Volatile.Write(ref _lastLongRun, Stopwatch.GetTimestamp());
        }
    }

    /// <summary>After <paramref name="drainTime"/>, ends every run and refuses every waiting request, permanently.</summary>
    public void StopAfter(TimeSpan drainTime) =>
        Volatile.Write(ref _stopAt, Stopwatch.GetTimestamp() + (long)(drainTime.TotalSeconds * Stopwatch.Frequency));

    public void Dispose()
    {
        _isClosing.Set();
        _thread.Join();
        _isClosing.Dispose();
    }

    private void WatchAll()
    {
        int replaced = 0;
        while (!_isClosing.Wait(Interval))
        {
            bool isStopping = Stopwatch.GetTimestamp() >= Volatile.Read(ref _stopAt);
            int held = 0;
            foreach ((ModelSession session, _) in _sessions)
            {
                held += session.WatchRuns(_maxRunTime, _maxWaitTime, isStopping);
            }

            SlowThreads.Replace(held - replaced);
            replaced = held;
            Shrink();
            Collect();
        }

        SlowThreads.Replace(-replaced);
    }

    /// <summary>
    /// The garbage collector keeps large arrays as long as .NET alone has room for more, and does not know the memory of sessions and runs.
    /// </summary>
    private void Collect()
    {
        long garbage = Budget.Released;
        if (garbage > GarbageBytes && Stopwatch.GetElapsedTime(_lastCollection) > Quiet)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            Budget.Collected(garbage);
            _lastCollection = Stopwatch.GetTimestamp();
        }
    }

    private void Shrink()
    {
        long last = Volatile.Read(ref _lastLongRun);
        if (last > _lastShrink && (Stopwatch.GetElapsedTime(last) > Quiet || Stopwatch.GetElapsedTime(_lastShrink) > Busy))
        {
            _lastShrink = Stopwatch.GetTimestamp();
            RunMemory.Shrink();
        }
    }
}
