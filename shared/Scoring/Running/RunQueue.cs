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
/// Schedules the requests of a session: as many concurrent runs as there are processors, a bounded queue, and joined runs.
/// </summary>
/// <remarks>
/// <para>
/// On an idle machine a request runs on its own thread, without a hop or a lock. If it has to wait, because the session's runners or the
/// thread pool are busy, the next runner takes all waiting requests in one run, if the version is proven batch invariant: the higher the
/// load, the larger the runs. No request ever waits for others to arrive.
/// </para>
/// <para>
/// The runs of a slow session may hold a limited number of pool threads; further runs, and all runs of a loop, get dedicated threads: see
/// <see cref="SlowThreads"/>.
/// </para>
/// </remarks>
internal sealed partial class RunQueue : IThreadPoolWorkItem
{
    private static readonly long SlowTicks = Stopwatch.Frequency / 1000 * 5;
    private static readonly long LongTicks = (long)(Stopwatch.Frequency * RunWatch.LongLoop.TotalSeconds);

    private readonly ModelSession _session;
    private readonly RunCounts _counts;
    private readonly bool _fits;
    private readonly int _runners;
    private readonly int _maxWaiting;
    private readonly ConcurrentQueue<RunJob> _waiting = new();
    private int _waitingCount;
    private int _running;

    // 1 while a runner is about to take waiting requests: only one takes at a time. Reset by an exchange: after a mere write, the following
    // look at the queue could come before it, and miss a request that still saw the 1.
    private int _taking;

    // The first waiting request, if the last run had no room for it; owned by the runner that takes.
    private RunJob? _heldBack;

    // Typical time of a run, smoothed; torn or lost updates do not matter.
    private long _typicalTicks;

    /// <param name="maxWaiting">Maximum number of waiting requests; more are refused.</param>
    /// <param name="counts">Counts the runs.</param>
    public RunQueue(ModelSession session, int runners, int maxWaiting, RunCounts counts)
    {
        _counts = counts;
        _session = session;
        _fits = RowStack.Fits(session.Signature);
        _runners = runners;
        _maxWaiting = maxWaiting;
        session.Watched += Watch;
    }

    /// <summary>Number of requests that wait now.</summary>
    public int Waiting => Math.Max(0, Volatile.Read(ref _waitingCount));

    private bool IsSlow => Volatile.Read(ref _typicalTicks) > SlowTicks;

    /// <summary>
    /// Whether runs leave the processors to other work from the start: loops that took long before. Others do when they become long.
    /// </summary>
    internal bool IsLong => _session.HasOwnMemory && Volatile.Read(ref _typicalTicks) > LongTicks;

    /// <summary>Runs the request as soon as a runner is free.</summary>
    /// <param name="inputs">As returned by <see cref="TensorValidation"/>.</param>
    /// <param name="mayJoin">Whether the version is proven batch invariant.</param>
    /// <param name="memory">Charged for the memory of the answer; null: nothing is charged.</param>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.ModelOverloaded"/> when the queue is full, or the request has waited too long; and the errors of
    /// <see cref="ModelSession.Run(IReadOnlyList{Tensor})"/>.
    /// </exception>
    public ValueTask<ScoredRows> RunAsync(
        IReadOnlyList<Tensor> inputs, bool mayJoin, RequestMemory? memory, CancellationToken cancellationToken)
    {
        int rows = mayJoin && _fits ? RowStack.RowsOf(inputs) : 0;
        bool isSlow = IsSlow;
        if (Waiting == 0
            && !IsLong
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
                ErrorCode.ModelOverloaded, $"{_maxWaiting} requests are already waiting for this version; try again in a moment.");
        }

        var job = new RunJob(inputs, rows, memory, cancellationToken);
        _waiting.Enqueue(job);
        CallRunner();
        return job.Task;
    }

    /// <summary>Executes a runner's turn.</summary>
    public void Execute()
    {
        if (!TryEnter())
        {
            // A runner that leaves calls the next one; one may just have left.
            Interlocked.Exchange(ref _taking, 0);
            if (Volatile.Read(ref _running) < _runners)
            {
                CallRunner();
            }

            return;
        }

        RunJob[] jobs = ArrayPool<RunJob>.Shared.Rent(RunSlot.MaxRows);
        int count = Take(jobs);
        Interlocked.Exchange(ref _taking, 0);
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
    /// Refuses requests that have waited too long, and requests at the front whose callers have gone: if runs do not end, no runner takes
    /// them.
    /// </summary>
    /// <param name="longest">Time of the longest current run.</param>
    public void Watch(TimeSpan longest, TimeSpan maxWaitTime)
    {
        // A run that has not ended yet already shows that the model is slow.
        long ticks = (long)(longest.TotalSeconds * Stopwatch.Frequency);
        if ((ticks > SlowTicks && !IsSlow) || (ticks > LongTicks && _session.HasOwnMemory && !IsLong))
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

        Interlocked.Exchange(ref _taking, 0);
        CallRunner();
    }

    private static void Refuse(RunJob job, Exception reason)
    {
        job.End(null, reason);
        // On another thread: here its continuation would keep other runners from taking requests.
        ThreadPool.UnsafeQueueUserWorkItem(static job => job.Complete(), job, preferLocal: false);
    }

    /// <summary>Takes the request that has waited longest, and the following ones that can be joined with it.</summary>
    private int Take(RunJob[] jobs)
    {
        int count = 0;
        int rows = 0;
        while (count < jobs.Length && TryTakeNext(out RunJob? next))
        {
            if (count > 0
                && (jobs[0].Rows == 0
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

    // Not by peeking at the queue's head: a peeked slot keeps its reference, and through it all later requests stay alive until its
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
        bool isLow = IsLong && !Thread.CurrentThread.IsThreadPoolThread;
        IReadOnlyList<Tensor> outputs = _session.Run(inputs, isLow ? call with { IsLow = true } : call);
        TimeSpan duration = Stopwatch.GetElapsedTime(started);
        _counts.Ran(requests, inputs is [{ Shape: [var rows, ..] }, ..] ? rows : 1);
        long typical = Volatile.Read(ref _typicalTicks);
        Volatile.Write(ref _typicalTicks, typical + (((Stopwatch.GetTimestamp() - started) - typical) / 8));
        return new ScoredRows(inputs, outputs, duration);
    }
}
