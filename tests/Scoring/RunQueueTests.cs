using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime.Tensors;
using Modeldrop.Errors;
using Modeldrop.Scoring;
using Modeldrop.Scoring.Running;
using Modeldrop.Scoring.Sessions;
using Modeldrop.Tensors;
using Modeldrop.Wire;
using Tensor = Modeldrop.Tensors.Tensor;

namespace Modeldrop.Tests.Scoring;

public sealed class RunQueueTests : IDisposable
{
    private readonly SessionFolder _models = new();

    public void Dispose() => _models.Dispose();

    /// <summary>
    /// A million requests of one to five rows, where every row has its own number; some have too many rows to be joined, some have none.
    /// </summary>
    [Fact]
    public async Task RunAsync_NumberedRows_NeverMix()
    {
        const int Requests = 1_000_000;
        using ModelSession session = _models.Load(OnnxBuilder.Identity(TensorElementType.Int64, -1, 2));
        var counts = new RunCounts();
        var queue = new RunQueue(session, Environment.ProcessorCount, maxWaiting: 1000, counts);
        int next = -1;
        long wrong = 0;

        await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(async () =>
        {
            for (int i = Interlocked.Increment(ref next); i < Requests; i = Interlocked.Increment(ref next))
            {
                int rows = i % 1000 == 7 ? 0 : i % 1000 == 8 ? 100 : 1 + (i % 5);
                long[] values = new long[rows * 2];
                for (int j = 0; j < values.Length; j++)
                {
                    values[j] = ((long)i << 8) + j;
                }

                ScoredRows answer = await queue.RunAsync([Integers(values)], mayJoin: true, null, CancellationToken.None);
                Tensor output = answer.Outputs.Single();
                if (output.Shape[0] != rows || !MemoryMarshal.Cast<byte, long>(output.Data.Span).SequenceEqual(values))
                {
                    Interlocked.Increment(ref wrong);
                }
            }
        })));

        Assert.Equal(0, wrong);
        Assert.Equal(0, queue.Waiting);
        Assert.Equal(Requests, counts.Requests);
        Assert.InRange(counts.Runs, 1, Requests - 1);
        TestContext.Current.TestOutputHelper?.WriteLine($"{(double)Requests / counts.Runs:0.0} requests a run");
    }

    [Fact]
    public async Task RunAsync_OneOfManyFails_OnlyItsCallerGetsTheError()
    {
        using ModelSession session =
            _models.Load(new OnnxBuilder().Input("x", TensorElementType.Int64, -1).Initializer("table", [10, 20, 30], 3)
            .Output("y", OnnxBuilder.TensorType(TensorElementType.Float, -1)).Node("Gather", ["table", "x"], ["y"]).Build());
        var queue = new RunQueue(session, runners: 1, maxWaiting: 10_000, new RunCounts());

        List<(int Index, Task<ScoredRows> Answer)> answers = [.. (await Task.WhenAll(Enumerable.Range(0, 16).Select(worker => Task.Run(() =>
            Enumerable.Range(worker * 100, 100).Select(i => (i, RunAsync(i))).ToArray())))).SelectMany(part => part)];

        foreach ((int index, Task<ScoredRows> answer) in answers)
        {
            if (index % 50 == 0)
            {
                Assert.Equal(ErrorCode.InvalidTensor, (await Assert.ThrowsAsync<ServiceException>(() => answer)).Code);
            }
            else
            {
                Assert.Equal(10 * (1 + (index % 3)), MemoryMarshal.Read<float>((await answer).Outputs[0].Data.Span));
            }
        }

        // A request that runs on its own thread also fails there.
        async Task<ScoredRows> RunAsync(int i) => await queue.RunAsync([Index(i)], mayJoin: true, null, CancellationToken.None);

        static Tensor Index(int i) => Tensor.OfBytes("x", Datatype.Int64, [1], BitConverter.GetBytes(i % 50 == 0 ? 99L : i % 3));
    }

    [Fact]
    public async Task RunAsync_TooManyWaiting_AreRefused()
    {
        using ModelSession session = _models.Load(OnnxBuilder.Identity(TensorElementType.Int64, -1, 2));
        var queue = new RunQueue(session, runners: 0, maxWaiting: 2, new RunCounts());
        _ = queue.RunAsync([Integers(1, 2)], mayJoin: true, null, CancellationToken.None).AsTask();
        _ = queue.RunAsync([Integers(1, 2)], mayJoin: true, null, CancellationToken.None).AsTask();

        ServiceException exception = await Assert.ThrowsAsync<ServiceException>(
            () => queue.RunAsync([Integers(1, 2)], mayJoin: true, null, CancellationToken.None).AsTask());

        Assert.Equal(ErrorCode.ModelOverloaded, exception.Code);
        Assert.Equal(2, queue.Waiting);
    }

    [Fact]
    public async Task RunAsync_SlowModel_EndsWhenItsCallersDisconnect()
    {
        using var watch = new RunWatch(new ScoringOptions());
        using ModelSession slow = _models.Load(Slow(), watch);
        using ModelSession fast = _models.Load(OnnxBuilder.Identity(TensorElementType.Int64, -1, 2));
        var slowQueue = new RunQueue(slow, Environment.ProcessorCount, maxWaiting: 1000, new RunCounts());
        var fastQueue = new RunQueue(fast, Environment.ProcessorCount, maxWaiting: 1000, new RunCounts());
        Tensor x = Tensor.OfBytes("x", Datatype.Fp32, [512, 512], new byte[512 * 512 * sizeof(float)]);
        await slowQueue.RunAsync([x], mayJoin: false, null, CancellationToken.None);
        using var gone = new CancellationTokenSource();

        // Far more waits than the pool has threads: no wait may hold a thread.
        Task<ScoredRows>[] waiting = [.. Enumerable.Range(0, 500).Select(_ => Task.Run(() =>
            slowQueue.RunAsync([x], mayJoin: false, null, gone.Token).AsTask()))];
        for (int i = 0; i < 1000; i++)
        {
            await fastQueue.RunAsync([Integers(i, i)], mayJoin: true, null, CancellationToken.None);
        }

        Assert.Contains(waiting, answer => !answer.IsCompleted);
        await gone.CancelAsync();
        await Task.WhenAny(Task.WhenAll(waiting));
        Assert.Contains(waiting, answer => answer.IsCanceled);
        Assert.Equal(0, slowQueue.Waiting);
    }

    private static byte[] Slow()
    {
        OnnxBuilder builder = new OnnxBuilder().Input("x", TensorElementType.Float, -1, -1);
        const int Steps = 20;
        for (int i = 0; i < Steps; i++)
        {
            builder.Node("MatMul", [i == 0 ? "x" : $"y{i}", "x"], [i == Steps - 1 ? "y" : $"y{i + 1}"]);
        }

        return builder.Output("y", OnnxBuilder.TensorType(TensorElementType.Float, -1, -1)).Build();
    }

    private static Tensor Integers(params long[] values) =>
        Tensor.OfBytes("x", Datatype.Int64, [values.Length / 2, 2], MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
}
