using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Modeldrop.Errors;
using Modeldrop.Scoring.Sessions;
using Modeldrop.Speed;
using Modeldrop.Tensors;
using Modeldrop.Wire;

namespace Modeldrop.Scoring.Running;

/// <summary>
/// Lets the requests of a session take turns: as many runs at a time as there are processors, a bounded queue, and joined runs.
/// </summary>
/// <remarks>
/// <para>
/// On an idle machine a request runs where it is, without a hop or a lock. When it has to wait, because the session's runners or the
/// thread pool are busy, the next runner takes whatever has come meanwhile in one run, if the version is proven batch invariant: the
/// busier, the larger the runs. Nothing ever waits for others to come.
/// </para>
/// <para>
/// The runs of a slow session are limited in the threads of the pool that they hold, and then have their own: see
/// <see cref="SlowThreads"/>.
/// </para>
/// </remarks>
internal sealed partial class RunQueue : IThreadPoolWorkItem
{
    private static readonly long SlowTicks = Stopwatch.Frequency / 1000 * 5;

    private readonly ModelSession _session;
    private readonly RunCounts _counts;
    private readonly bool _fits;
    private readonly int _runners;
    private readonly int _maxWaiting;
    private readonly ConcurrentQueue<RunJob> _waiting = new();
    private int _waitingCount;
    private int _running;

    // 1 while somebody is on the way to take what waits: one takes at a time.
    private int _taking;

    // The first of those that wait, if the last run had no place for it; owned by the one that takes.
    private RunJob? _heldBack;

    // What a run takes, smoothed; torn or lost updates do not matter.
    private long _typicalTicks;

    /// <param name="maxWaiting">Requests; more are refused.</param>
    /// <param name="counts">What is run is counted there.</param>
    public RunQueue(ModelSession session, int runners, int maxWaiting, RunCounts counts)
    {
        _counts = counts;
        _session = session;
        _fits = RowStack.Fits(session.Signature);
        _runners = runners;
        _maxWaiting = maxWaiting;
        session.Watched += Watch;
    }

    /// <summary>Requests that wait now.</summary>
    public int Waiting => Math.Max(0, Volatile.Read(ref _waitingCount));

    private bool IsSlow => Volatile.Read(ref _typicalTicks) > SlowTicks;

    /// <summary>Runs the request as soon as there is a runner for it.</summary>
    /// <param name="inputs">As <see cref="TensorValidation"/> gives them.</param>
    /// <param name="mayJoin">Whether the version is proven batch invariant.</param>
    /// <param name="memory">Where the memory of the answer is charged; null: nowhere.</param>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.ModelOverloaded"/> when the queue is full, or the request has waited too long; what <see
    /// cref="ModelSession.Run(IReadOnlyList{Tensor})"/> says.
    /// </exception>
    public ValueTask<ScoredRows> RunAsync(
        IReadOnlyList<Tensor> inputs, bool mayJoin, RequestMemory? memory, CancellationToken cancellationToken)
    {
        int rows = mayJoin && _fits ? RowStack.RowsOf(inputs) : 0;
        bool isSlow = IsSlow;
        if (Waiting == 0
            && ((rows == 0 && !isSlow) || ThreadPool.PendingWorkItemCount == 0)
            && (!isSlow || SlowThreads.TryHold()))
        {
            try
            {
                if (TryEnter())
                {
                    return new ValueTask<ScoredRows>(RunAndLeave(inputs, new RunCall(cancellationToken, Memory: memory)));
                }
            }
            finally
            {
                if (isSlow)
                {
                    SlowThreads.Release();
                }
            }
        }

        if (Interlocked.Increment(ref _waitingCount) > _maxWaiting)
        {
            Interlocked.Decrement(ref _waitingCount);
            throw new ServiceException(
                ErrorCode.ModelOverloaded, $"{_maxWaiting} requests wait for this version already; try again in a moment.");
        }

        var job = new RunJob(inputs, rows, memory, cancellationToken);
        _waiting.Enqueue(job);
        CallRunner();
        return job.Task;
    }

    /// <summary>A runner's turn.</summary>
    public void Execute()
    {
        if (!TryEnter())
        {
            // A runner that leaves calls the next one; it may just have left.
            Volatile.Write(ref _taking, 0);
            if (Volatile.Read(ref _running) < _runners)
            {
                CallRunner();
            }

            return;
        }

        RunJob[] jobs = ArrayPool<RunJob>.Shared.Rent(RunSlot.MaxRows);
        int count = Take(jobs);
        Volatile.Write(ref _taking, 0);
        CallRunner();
        Run(jobs.AsMemory(0, count));
        Leave();
        for (int i = 0; i < count; i++)
        {
            jobs[i].Complete();
        }

        ArrayPool<RunJob>.Shared.Return(jobs, clearArray: true);
    }

    /// <summary>
    /// Refuses the requests that have waited too long, and those in front whose callers have gone: runs that do not end leave nobody to
    /// take them.
    /// </summary>
    /// <param name="longest">Time of the longest of the runs that are under way.</param>
    public void Watch(TimeSpan longest, TimeSpan maxWaitTime)
    {
        // A run that has not ended yet says already that the model is slow.
        long ticks = (long)(longest.TotalSeconds * Stopwatch.Frequency);
        if (ticks > SlowTicks && !IsSlow)
        {
            Volatile.Write(ref _typicalTicks, ticks);
        }

        if (Waiting == 0 || Interlocked.CompareExchange(ref _taking, 1, 0) != 0)
        {
            return;
        }

        while (TryTakeNext(out RunJob? next))
        {
            bool isLate = Stopwatch.GetElapsedTime(next.QueuedAt) >= maxWaitTime;
            if (!isLate && !next.CancellationToken.IsCancellationRequested)
            {
                _heldBack = next;
                break;
            }

            Interlocked.Decrement(ref _waitingCount);
            Refuse(next, isLate
                ? new ServiceException(ErrorCode.ModelOverloaded, "The version was busy with other requests for too long; try again.")
                : new OperationCanceledException(next.CancellationToken));
        }

        Volatile.Write(ref _taking, 0);
        CallRunner();
    }

    private static void Refuse(RunJob job, Exception reason)
    {
        job.End(null, reason);
        // Elsewhere: here its continuation would keep the other runners from taking.
        ThreadPool.UnsafeQueueUserWorkItem(static job => job.Complete(), job, preferLocal: false);
    }

    /// <summary>The request that has waited longest, and those behind it that can be joined with it.</summary>
    private int Take(RunJob[] jobs)
    {
        int count = 0;
        int rows = 0;
        while (count < jobs.Length && TryTakeNext(out RunJob? next))
        {
            if (count > 0
                    && (
                        jobs[0].Rows == 0
                            || next.Rows == 0
                            || rows + next.Rows > RunSlot.MaxRows
                            || !RowStack.AreAlike(jobs[0].Inputs, next.Inputs)))
            {
                _heldBack = next;
                break;
            }

            Interlocked.Decrement(ref _waitingCount);
            if (next.CancellationToken.IsCancellationRequested)
            {
                Refuse(next, new OperationCanceledException(next.CancellationToken));
                continue;
            }

            jobs[count++] = next;
            rows += next.Rows;
        }

        return count;
    }

    // Not by a look at the queue's head: one that was looked into keeps what it had, and through it lives all that came later until its
    // generation is collected.
    private bool TryTakeNext([NotNullWhen(true)] out RunJob? next)
    {
        next = _heldBack;
        _heldBack = null;
        return next is not null || _waiting.TryDequeue(out next);
    }

    private void Run(ReadOnlyMemory<RunJob> jobs)
    {
        if (jobs.Length > 1 && TryRunJoined(jobs))
        {
            return;
        }

        foreach (RunJob job in jobs.Span)
        {
            try
            {
                job.End(Run(job.Inputs, 1, new RunCall(job.CancellationToken, Memory: job.Memory)), null);
            }
            catch (Exception exception)
            {
                job.End(null, exception);
            }
        }
    }

    private ScoredRows RunAndLeave(IReadOnlyList<Tensor> inputs, in RunCall call)
    {
        try
        {
            return Run(inputs, 1, call);
        }
        finally
        {
            Leave();
        }
    }

    private ScoredRows Run(IReadOnlyList<Tensor> inputs, int requests, in RunCall call)
    {
        long started = Stopwatch.GetTimestamp();
        IReadOnlyList<Tensor> outputs = _session.Run(inputs, call);
        TimeSpan duration = Stopwatch.GetElapsedTime(started);
        _counts.Ran(requests, inputs is [{ Shape: [var rows, ..] }, ..] ? rows : 1);
        long typical = Volatile.Read(ref _typicalTicks);
        Volatile.Write(ref _typicalTicks, typical + (((Stopwatch.GetTimestamp() - started) - typical) / 8));
        return new ScoredRows(inputs, outputs, duration);
    }
}
