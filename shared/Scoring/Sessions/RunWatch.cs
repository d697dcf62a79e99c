using System.Collections.Concurrent;
using System.Diagnostics;
using Modeldrop.Wire;

namespace Modeldrop.Scoring.Sessions;

/// <summary>
/// Looks at all runs of a cache ten times a second. Ends those that take too long, those whose callers have gone, and all when the process
/// stops;
/// refuses requests that have waited too long; lets the memory of long runs and of large requests go.
/// </summary>
/// <remarks>It has a thread of its own: runs that do not end may hold every thread of the pool.</remarks>
internal sealed class RunWatch : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    // A run that writes much memory takes longer than this.
    private static readonly TimeSpan Long = TimeSpan.FromMilliseconds(5);

    // Long runs that follow each other keep the memory of the one before.
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
        _thread = new Thread(WatchAll) { IsBackground = true, Name = "run watch" };
        _thread.UnsafeStart();
    }

    /// <summary>Of the requests that the runs are for.</summary>
    public MemoryBudget Budget { get; }

    /// <summary>Memory of the sessions that are open, those that were evicted and are still in use among them.</summary>
    public long OpenBytes => _sessions.Keys.Sum(session => session.MemoryBytes);

    public void Add(ModelSession session) => _sessions.TryAdd(session, 0);

    public void Remove(ModelSession session) => _sessions.TryRemove(session, out _);

    /// <summary>Says that a run has ended.</summary>
    public void Ran(TimeSpan duration)
    {
        if (duration > Long)
        {
            Volatile.Write(ref _lastLongRun, Stopwatch.GetTimestamp());
        }
    }

    /// <summary>Ends every run, and refuses every request that waits, when <paramref name="drainTime"/> is over; for good.</summary>
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
        while (!_isClosing.Wait(Interval))
        {
            bool isStopping = Stopwatch.GetTimestamp() >= Volatile.Read(ref _stopAt);
            foreach ((ModelSession session, _) in _sessions)
            {
                session.WatchRuns(_maxRunTime, _maxWaitTime, isStopping);
            }

            Shrink();
            Collect();
        }
    }

    /// <summary>
    /// The collector leaves large arrays as long as .NET alone has room for more, and knows nothing of what sessions and runs take beside
    /// it.
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
