using Modeldrop.Speed;

namespace Modeldrop.Tests.Speed;

public sealed class SlowThreadsTests
{
    [Fact]
    public async Task Queue_FromManyThreads_RunsEachOnceAndNeverOnThePool()
    {
        const int Each = 2000;
        Work[][] work = [.. Enumerable.Range(0, 8).Select(_ => Enumerable.Range(0, Each).Select(_ => new Work()).ToArray())];

        await Task.WhenAll(work.Select(part => Task.Run(async () =>
        {
            foreach (Work one in part)
            {
                SlowThreads.Queue(one);
                await one.Done;
            }
        })));

        Assert.All(work.SelectMany(part => part), one => Assert.Equal((1, false), (one.Executions, one.WasOnPool)));
    }

    [Fact]
    public async Task Queue_WhileAllAreBusy_StartsAnother()
    {
        using var release = new ManualResetEventSlim();
        Work[] blocked = [.. Enumerable.Range(0, 4).Select(_ => new Work(release.Wait))];
        Array.ForEach(blocked, SlowThreads.Queue);
        var last = new Work();

        SlowThreads.Queue(last);

        await last.Done;
        release.Set();
        await Task.WhenAll(blocked.Select(one => one.Done));
    }

    [Fact]
    public void RunApart_AFailure_ReachesTheCallerAndTheThreadGoesOn()
    {
        Assert.Throws<InvalidOperationException>(() =>
        {
            SlowThreads.RunApart<int>(isLow: true, _ => throw new InvalidOperationException());
        });

        Assert.Equal((7, false), SlowThreads.RunApart(isLow: true, _ => (7, Thread.CurrentThread.IsThreadPoolThread)));
    }

    /// <summary>Child processes inherit the priority of the thread that starts them.</summary>
    [Fact]
    public async Task RunApart_AThreadWhosePriorityWasLowered_DoesNoOtherWork()
    {
        int lowered = SlowThreads.RunApart(isLow: false, lower =>
        {
            lower();
            return Environment.CurrentManagedThreadId;
        });

        int[] others = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(_ => SlowThreads.RunAsync(() => Environment.CurrentManagedThreadId)));

        Assert.DoesNotContain(lowered, others);
    }

    [Fact]
    public async Task RunAsync_ABlockingCall_IsNotOnThePoolAndItsCallerContinuesThere()
    {
        (bool wasOnPool, bool continuesOnPool) = await Task.Run(async () =>
            (await SlowThreads.RunAsync(() => Thread.CurrentThread.IsThreadPoolThread), Thread.CurrentThread.IsThreadPoolThread));

        Assert.Equal((false, true), (wasOnPool, continuesOnPool));
    }

    [Fact]
    public async Task RunAsync_AFailure_ReachesTheCallerAndTheThreadGoesOn()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => SlowThreads.RunAsync<int>(() => throw new InvalidOperationException()));

        Assert.Equal(7, await SlowThreads.RunAsync(() => 7));
    }

    [Fact]
    public void TryHold_AsManyAsProcessors_ThePoolStartsOtherThreads()
    {
        int taken = 0;
        while (taken <= SlowThreads.MaxHeld && SlowThreads.TryHold())
        {
            taken++;
        }

        Assert.InRange(taken, 1, SlowThreads.MaxHeld);
        Assert.False(SlowThreads.TryHold());
        SlowThreads.Release();
        Assert.True(SlowThreads.TryHold());
        for (int i = 0; i < taken; i++)
        {
            SlowThreads.Release();
        }

        ThreadPool.GetMinThreads(out int workers, out _);
        Assert.True(workers >= (4 * Environment.ProcessorCount) + SlowThreads.MaxHeld + SlowThreads.MaxLargeBodies);
    }

    private sealed class Work(Action? what = null) : IThreadPoolWorkItem
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _executions;

        public Task Done => _done.Task;

        public int Executions => _executions;

        public bool WasOnPool { get; private set; }

        public void Execute()
        {
            Interlocked.Increment(ref _executions);
            WasOnPool = Thread.CurrentThread.IsThreadPoolThread;
            what?.Invoke();
            _done.TrySetResult();
        }
    }
}
