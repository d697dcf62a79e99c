using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.ML.OnnxRuntime;
using Modeldrop.Scoring.Sessions;
using Modeldrop.Speed;
using Modeldrop.Tensors;
using Tensor = Modeldrop.Tensors.Tensor;

namespace Modeldrop.ScoringBench;

/// <summary>The gain from each part of <c>shared/Speed</c>, compared with the plain implementation.</summary>
internal static class SpeedRoom
{
    private const int Sessions = 60;
    private const int SlowRuns = 16;

    private static readonly TimeSpan SlowRun = TimeSpan.FromMilliseconds(200);

    public static async Task RunAsync(Report report, int repeats)
    {
        Slots(report, repeats);
        Texts(report, repeats);
        await ThreadsAsync(report, repeats);
        Heap(report);
    }

    private static void Slots(Report report, int repeats)
    {
        foreach (string sample in (string[])[Models.Digits, Models.Flights])
        {
            string path = Path.Combine(Directory.CreateTempSubdirectory("modeldrop-bench").FullName, "model.onnx");
            File.WriteAllBytes(path, Models.ModelOf(sample));
            using ModelSession session = ModelSession.Load(path);
            Tensor[] row = [.. session.Signature.Inputs.Select(Row)];
            (double slot, double slotBytes) = Best(repeats, 20_000, () => session.Run(row));
            (double free, double freeBytes) = Best(repeats, 20_000, () => session.RunUnbound(row));
            Add(
                report, $"`RunSlot`: a run of a row of `{sample}`",
                $"{slot:0.0} µs, {slotBytes:0} B; without {free:0.0} µs, {freeBytes:0} B");
        }
    }

    private static void Texts(Report report, int repeats)
    {
        byte[][] texts = [.. Enumerable.Range(0, 400).Select(number => Encoding.UTF8.GetBytes($"category-{number}"))];
        int next = 0;
        (double pooled, double pooledBytes) = Best(repeats, 1_000_000, () => TextPool.Get(texts[next++ % texts.Length]));
        (double made, double madeBytes) = Best(repeats, 1_000_000, () => Encoding.UTF8.GetString(texts[next++ % texts.Length]));
        Add(
            report, "`TextPool`: one of 400 texts",
            $"{pooled * 1000:0} ns, {pooledBytes:0} B; without {made * 1000:0} ns, {madeBytes:0} B");
    }

    /// <summary>The time that a quick work item waits for a thread behind slow ones that were queued with it.</summary>
    private static async Task ThreadsAsync(Report report, int repeats)
    {
        List<double> own = [];
        List<double> shared = [];
        for (int repeat = 0; repeat < repeats; repeat++)
        {
            own.Add(await WaitAsync(SlowThreads.Queue));
            shared.Add(await WaitAsync(work => ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false)));
        }

        Add(
            report, $"`SlowThreads`: a quick request behind {SlowRuns} of {SlowRun.TotalMilliseconds} ms",
            $"waits {Report.Median(own):0.00} ms; with all of them on the pool {Report.Median(shared):0} ms");

        List<double> given = [];
        List<double> started = [];
        for (int repeat = 0; repeat < 200 * repeats; repeat++)
        {
            given.Add(await StartAsync(SlowThreads.Queue));
            started.Add(await StartAsync(work => new Thread(work.Execute).UnsafeStart()));
        }

        Add(
            report, "`SlowThreads`: until a slow run has its thread",
            $"{Report.Median(given) * 1000:0} µs; with a new thread each {Report.Median(started) * 1000:0} µs");
    }

    private static void Heap(Report report)
    {
        byte[] model = Models.ModelOf(Models.Flights);
        InferenceSession[] sessions = [.. Enumerable.Range(0, Sessions).Select(_ => new InferenceSession(model))];
        double open = ResidentMiB();
        Array.ForEach(sessions, session => session.Dispose());
        double closed = ResidentMiB();
        NativeHeap.Freed(long.MaxValue / 2);
        Add(
            report, $"`NativeHeap`: memory of {Sessions} sessions of `{Models.Flights}`",
            $"open {open:0} MiB, closed {closed:0} MiB, given back {ResidentMiB():0} MiB");
    }

    private static async Task<double> WaitAsync(Action<IThreadPoolWorkItem> queue)
    {
        using var never = new ManualResetEventSlim();
        Task[] slow = [.. Enumerable.Range(0, SlowRuns).Select(_ => Queued(queue, () => never.Wait(SlowRun)))];
        double wait = await StartAsync(work => ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false));
        await Task.WhenAll(slow);
        return wait;
    }

    /// <returns>Milliseconds until the work begins.</returns>
    private static async Task<double> StartAsync(Action<IThreadPoolWorkItem> queue)
    {
        long start = Stopwatch.GetTimestamp();
        double milliseconds = 0;
        await Queued(queue, () => milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        return milliseconds;
    }

    private static Task Queued(Action<IThreadPoolWorkItem> queue, Action work)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        queue(new Work(() =>
        {
            work();
            done.SetResult();
        }));
        return done.Task;
    }

    /// <returns>Microseconds and allocated bytes per item, in the fastest repeat.</returns>
    private static (double Microseconds, double Bytes) Best(int repeats, int count, Func<object> work)
    {
        (double Microseconds, double Bytes) best = (double.MaxValue, 0);
        for (int repeat = 0; repeat <= repeats; repeat++)
        {
            long bytes = GC.GetAllocatedBytesForCurrentThread();
            long start = Stopwatch.GetTimestamp();
            for (int round = 0; round < count; round++)
            {
                GC.KeepAlive(work());
            }

            double microseconds = Stopwatch.GetElapsedTime(start).TotalMicroseconds / count;
            double each = (GC.GetAllocatedBytesForCurrentThread() - bytes) / (double)count;
            best = repeat > 0 && microseconds < best.Microseconds ? (microseconds, each) : best;
        }

        return best;
    }

    private static Tensor Row(TensorSpec input)
    {
        long[] shape = [1, .. input.Shape.Skip(1)];
        int elements = (int)shape.Aggregate(1L, (product, dimension) => product * dimension);
        return input.Datatype == Datatype.Bytes
            ? Tensor.OfStrings(input.Name, shape, [.. Enumerable.Repeat("ATL", elements)])
            : Tensor.OfBytes(input.Name, input.Datatype, shape, new byte[elements * input.Datatype.ElementBytes()]);
    }

    private static double ResidentMiB()
    {
        using var own = Process.GetCurrentProcess();
        return own.WorkingSet64 / (1024.0 * 1024);
    }

    private static void Add(Report report, string figure, FormattableString result) =>
        report.Add(figure, "", result.ToString(CultureInfo.InvariantCulture));

    private sealed class Work(Action action) : IThreadPoolWorkItem
    {
        public void Execute() => action();
    }
}
