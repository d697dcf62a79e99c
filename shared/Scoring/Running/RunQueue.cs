using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Modeldrop.Errors;
using Modeldrop.Tensors;

namespace Modeldrop.Scoring;

/// <summary>Lets the requests of a session take turns: as many runs at a time as there are processors, a bounded queue, and joined runs.</summary>
/// <remarks>
/// <para>
/// On an idle machine a request runs where it is, without a hop or a lock. When it has to wait, because the session's runners or the
/// thread pool are busy, the next runner takes whatever has come meanwhile in one run, if the version is proven batch invariant: the
/// busier, the larger the runs. Nothing ever waits for others to come.
/// </para>
/// <para>The runs of a slow session are limited in the threads of the pool that they hold, and then have their own: see <see cref="SlowThreads"/>.</para>
/// </remarks>
internal sealed class RunQueue : IThreadPoolWorkItem
{
    /// <summary>As many rows as validation proves that a row's bits do not depend on the others.</summary>
    public const int MaxJoinedRows = 64;

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

    // The first of those that wait, if the last run had no place for it; whoever takes owns it.
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
    }

    /// <summary>Requests that wait now.</summary>
    public int Waiting => Math.Max(0, Volatile.Read(ref _waitingCount));

    private bool IsSlow => Volatile.Read(ref _typicalTicks) > SlowTicks;

    /// <summary>Runs the request as soon as there is a runner for it.</summary>
    /// <param name="inputs">As <see cref="TensorValidation"/> gives them.</param>
    /// <param name="mayJoin">Whether the version is proven batch invariant.</param>
    /// <exception cref="ServiceException"><see cref="ErrorCode.ModelOverloaded"/> when the queue is full; what <see cref="ModelSession.Run"/> says.</exception>
    public ValueTask<ScoredRows> RunAsync(IReadOnlyList<Tensor> inputs, bool mayJoin, CancellationToken cancellationToken)
    {
        int rows = mayJoin && _fits ? RowStack.RowsOf(inputs) : 0;
        bool isSlow = IsSlow;
        if (Waiting == 0 && ((rows == 0 && !isSlow) || ThreadPool.PendingWorkItemCount == 0) && (!isSlow || SlowThreads.TryHold()))
        {
            try
            {
                if (TryEnter())
                {
                    return new ValueTask<ScoredRows>(RunAndLeave(inputs, cancellationToken));
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
            throw new ServiceException(ErrorCode.ModelOverloaded, $"{_maxWaiting} requests wait for this version already; try again in a moment.");
        }

        var job = new RunJob(inputs, rows, cancellationToken);
        _waiting.Enqueue(job);
        CallRunner();
        return job.Task;
    }

    /// <summary>A runner's turn.</summary>
    public void Execute()
    {
        if (!TryEnter())
        {
            // Whoever leaves calls the next runner; it may just have left.
            Volatile.Write(ref _taking, 0);
            if (Volatile.Read(ref _running) < _runners)
            {
                CallRunner();
            }

            return;
        }

        RunJob[] jobs = ArrayPool<RunJob>.Shared.Rent(MaxJoinedRows);
        int count = Take(jobs);
        Volatile.Write(ref _taking, 0);
        CallRunner();
        Run(jobs.AsSpan(0, count));
        Leave();
        for (int i = 0; i < count; i++)
        {
            jobs[i].Complete();
        }

        ArrayPool<RunJob>.Shared.Return(jobs, clearArray: true);
    }

    /// <summary>The request that has waited longest, and those behind it that can be joined with it.</summary>
    private int Take(RunJob[] jobs)
    {
        int count = 0;
        int rows = 0;
        while (count < jobs.Length && TryTakeNext(out RunJob? next))
        {
            if (count > 0 && (jobs[0].Rows == 0 || next.Rows == 0 || rows + next.Rows > MaxJoinedRows || !RowStack.AreAlike(jobs[0].Inputs, next.Inputs)))
            {
                _heldBack = next;
                break;
            }

            Interlocked.Decrement(ref _waitingCount);
            if (next.CancellationToken.IsCancellationRequested)
            {
                next.End(null, new OperationCanceledException(next.CancellationToken));
                // Elsewhere: here its continuation would keep the other runners from taking.
                ThreadPool.UnsafeQueueUserWorkItem(static job => job.Complete(), next, preferLocal: false);
                continue;
            }

            jobs[count++] = next;
            rows += next.Rows;
        }

        return count;
    }

    // Not by a look at the queue's head: one that was looked into keeps what it had, and through it lives all that came later until its generation is collected.
    private bool TryTakeNext([NotNullWhen(true)] out RunJob? next)
    {
        next = _heldBack;
        _heldBack = null;
        return next is not null || _waiting.TryDequeue(out next);
    }

    private void Run(ReadOnlySpan<RunJob> jobs)
    {
        if (jobs.Length > 1 && TryRunJoined(jobs))
        {
            return;
        }

        foreach (RunJob job in jobs)
        {
            try
            {
                job.End(Run(job.Inputs, 1, job.CancellationToken), null);
            }
            catch (Exception exception)
            {
                job.End(null, exception);
            }
        }
    }

    /// <summary>Runs the rows of all in one run, and ends each job with its own.</summary>
    /// <returns>False when the rows must be run one request at a time: one of them has a value that the graph does not take, or the model lost rows.</returns>
    internal bool TryRunJoined(ReadOnlySpan<RunJob> jobs)
    {
        int total = 0;
        foreach (RunJob job in jobs)
        {
            total += job.Rows;
        }

        int width = jobs[0].Inputs.Count;
        var inputs = new Tensor[width];
        var rented = new byte[]?[width];
        try
        {
            for (int i = 0; i < width; i++)
            {
                inputs[i] = RowStack.Join(jobs, i, total, out rented[i]);
            }

            ScoredRows joined = Run(inputs, jobs.Length, CancellationToken.None);
            int start = 0;
            Tensor[]? outputs = null;
            foreach (RunJob job in jobs)
            {
                outputs = RowStack.Cut(joined.Outputs, start, job.Rows, total, outputs);
                if (outputs is null)
                {
                    return false;
                }

                job.End(new ScoredRows(job.Inputs, outputs, joined.Duration), null);
                start += job.Rows;
            }

            return true;
        }
        catch (Exception)
        {
            // Each on its own, and whoever it is that fails hears of it.
            return false;
        }
        finally
        {
            foreach (byte[]? memory in rented)
            {
                if (memory is not null)
                {
                    ArrayPool<byte>.Shared.Return(memory);
                }
            }
        }
    }

    private ScoredRows RunAndLeave(IReadOnlyList<Tensor> inputs, CancellationToken cancellationToken)
    {
        try
        {
            return Run(inputs, 1, cancellationToken);
        }
        finally
        {
            Leave();
        }
    }

    private ScoredRows Run(IReadOnlyList<Tensor> inputs, int requests, CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        IReadOnlyList<Tensor> outputs = IsSlow && cancellationToken.CanBeCanceled ? _session.RunUnlessCancelled(inputs, cancellationToken) : _session.Run(inputs);
        TimeSpan duration = Stopwatch.GetElapsedTime(started);
        _counts.Ran(requests, inputs is [{ Shape: [var rows, ..] }, ..] ? rows : 1);
        long typical = Volatile.Read(ref _typicalTicks);
        Volatile.Write(ref _typicalTicks, typical + (((Stopwatch.GetTimestamp() - started) - typical) / 8));
        return new ScoredRows(inputs, outputs, duration);
    }

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
            // Behind what the pool has to do already, which may be more requests for the same run.
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }
}
