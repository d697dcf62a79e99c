using System.Globalization;
using System.Runtime.InteropServices;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Scoring.Cache;
using Modeldrop.Speed;
using Modeldrop.Tensors;
using Modeldrop.Wire;

namespace Modeldrop.Tests.Scoring;

/// <summary>Runs that do not end by themselves: a loop whose number of iterations is an input.</summary>
public sealed class RunWatchTests
{
    private const long Endless = 9_000_000_000_000_000_000;

    private static readonly ModelName Model = ModelName.Parse("loop");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task InferAsync_LongerThanTheMaximumRunTime_FailsAndOthersContinue()
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync(
            "loop", OnnxBuilder.Loop(), configure: options => options.MaxRunTime = TimeSpan.FromMilliseconds(300));

        Reply[] endless = await Task.WhenAll(Many(() => kit.InferAsync("loop", Request(Endless))));

        Assert.All(endless, reply => Assert.Equal(500, reply.Status));
        Assert.All(endless, reply => Assert.Contains("Scoring__MaxRunTime", reply.Error, StringComparison.Ordinal));
        Reply answer = await kit.InferAsync("loop", Request(3));
        Assert.Equal((200, -1), (answer.Status, answer.Json.GetProperty("outputs")[0].GetProperty("data")[0].GetInt32()));
    }

    [Fact]
    public async Task RunAsync_BehindEndlessRuns_IsRefused_AndTheseEndWithTheirCallers()
    {
        using var kit = new ScoringKit(options => options.MaxWaitTime = TimeSpan.FromMilliseconds(300));
        using LoadedVersion loaded = await kit.Sessions.GetAsync(Model, kit.Add("loop", OnnxBuilder.Loop()), Cancellation);
        using var callers = new CancellationTokenSource();
        Task<ScoredRows>[] endless = Many(() => RunAsync(loaded, Endless, callers.Token));

        // There are as many runners as processors, so one of the runs has no runner.
        ServiceException refused = await Assert.ThrowsAsync<ServiceException>(async () => await await Task.WhenAny(endless));
        ServiceException behind = await Assert.ThrowsAsync<ServiceException>(() => RunAsync(loaded, 3, Cancellation));
        Assert.Equal((ErrorCode.ModelOverloaded, ErrorCode.ModelOverloaded), (refused.Code, behind.Code));

        await callers.CancelAsync();
        await Task.WhenAny(Task.WhenAll(endless));
        Assert.Contains(endless, run => run.IsCanceled);
        Assert.Equal(-1f, MemoryMarshal.Read<float>((await RunAsync(loaded, 3, Cancellation)).Outputs[0].Data.Span));
    }

    [Fact]
    public async Task StopAfter_EndlessRuns_AreEnded()
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync("loop", OnnxBuilder.Loop());
        Task<Reply>[] endless = Many(() => kit.InferAsync("loop", Request(Endless)));

        kit.Sessions.Watch.StopAfter(TimeSpan.FromMilliseconds(100));

        Assert.All(await Task.WhenAll(endless), reply => Assert.Equal((503, "1"), (reply.Status, reply.Headers.RetryAfter.ToString())));
    }

    [Fact]
    public async Task Dispose_AnEndlessRun_ContinuesUntilItsCallerDisconnects()
    {
        var kit = new ScoringKit();
        using LoadedVersion loaded = await kit.Sessions.GetAsync(Model, kit.Add("loop", OnnxBuilder.Loop()), Cancellation);
        using var caller = new CancellationTokenSource();
        Task<ScoredRows> endless = RunAsync(loaded, Endless, caller.Token);

        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => endless);
        kit.Dispose();
    }

    [Fact]
    public async Task RunAsync_EndlessRunsOnThePool_GetItOtherThreadsUntilTheyEnd()
    {
        using var kit = new ScoringKit();
        using LoadedVersion loaded = await kit.Sessions.GetAsync(Model, kit.Add("loop", OnnxBuilder.Loop()), Cancellation);
        using var caller = new CancellationTokenSource();
        Task<ScoredRows> endless = RunAsync(loaded, Endless, caller.Token);

        await Poll.UntilAsync(() => MinThreads() > SlowThreads.MinWorkers, "more threads");

        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => endless);
        await Poll.UntilAsync(() => SlowThreads.Replaced == 0, "the usual number of threads");

        static int MinThreads()
        {
            ThreadPool.GetMinThreads(out int workers, out _);
            return workers;
        }
    }

    /// <summary>Threads inherit the priority of the one that starts them, so the thread of the run must start none.</summary>
    [Fact]
    public async Task RunAsync_ALongLoop_HasLowPriorityAndNoOtherThreadHas()
    {
        Assert.SkipUnless(CanLower(), "Only on Linux, and not when the process itself has the lowest priority.");
        using var kit = new ScoringKit();
        using LoadedVersion loaded = await kit.Sessions.GetAsync(Model, kit.Add("loop", OnnxBuilder.Loop()), Cancellation);
        for (int i = 0; i < 3; i++)
        {
            using var caller = new CancellationTokenSource();
            Task<ScoredRows> endless = RunAsync(loaded, Endless, caller.Token);
            await Poll.UntilAsync(() => loaded.Queue.IsLong && Lowered().Contains("slow model"), "a run of low priority");
            await caller.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => endless);
        }

        Assert.Equal(-1f, MemoryMarshal.Read<float>((await RunAsync(loaded, 3, Cancellation)).Outputs[0].Data.Span));
        // The runtime may start its compiler's thread from any other.
        Assert.All(
            Lowered().Where(name => !name.StartsWith(".NET Tiered", StringComparison.Ordinal)), name => Assert.Equal("slow model", name));
    }

    private static bool CanLower()
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        int lowered = 0;
        var thread = new Thread(() =>
        {
            Scheduling.LowerPriority(Scheduling.CurrentThread()!.Value);
            lowered = NiceOf("/proc/thread-self");
        });
        thread.Start();
        thread.Join();
        return lowered > NiceOf("/proc/self");
    }

    /// <summary>Names of the threads with a lower priority than the process.</summary>
    private static string[] Lowered()
    {
        int usual = NiceOf("/proc/self");
        return [.. Directory.GetDirectories("/proc/self/task").Where(thread => NiceOf(thread) > usual)
            .Select(thread => Read($"{thread}/comm").Trim()).Where(name => name.Length > 0)];
    }

    // The name in brackets may contain anything; the nice value is field 19.
    private static int NiceOf(string thread) => Read($"{thread}/stat") is { Length: > 0 } state
        ? int.Parse(state.Split(')')[^1].Split(' ')[17], CultureInfo.InvariantCulture)
        : int.MinValue;

    /// <returns>Empty when the thread has just ended.</returns>
    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return "";
        }
    }

    /// <summary>Starts one run more than there are runners.</summary>
    private static Task<T>[] Many<T>(Func<Task<T>> ask) =>
        [.. Enumerable.Range(0, Environment.ProcessorCount + 1).Select(_ => Task.Run(ask))];

    private static async Task<ScoredRows> RunAsync(LoadedVersion loaded, long turns, CancellationToken cancellationToken)
    {
        Tensor[] inputs = Inputs(turns);
        return await Task.Run(async () => await loaded.Queue.RunAsync(inputs, mayJoin: false, null, cancellationToken), Cancellation);
    }

    private static Tensor[] Inputs(long turns) =>
    [
        Tensor.OfBytes("k", Datatype.Int64, [1], BitConverter.GetBytes(turns)),
        Tensor.OfBytes("x", Datatype.Fp32, [1], BitConverter.GetBytes(1f)),
    ];

    private static string Request(long turns) => $$"""
        {"inputs":[{"name":"k","shape":[1],"datatype":"INT64","data":[{{turns}}]},{"name":"x","shape":[1],"datatype":"FP32","data":[1]}]}
        """;
}
