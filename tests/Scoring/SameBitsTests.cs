using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Modeldrop.Scoring;
using Modeldrop.Scoring.Running;
using Modeldrop.Scoring.Sessions;
using Modeldrop.Tensors;
using Modeldrop.Wire;
using Tensor = Modeldrop.Tensors.Tensor;

namespace Modeldrop.Tests.Scoring;

/// <summary>A session gives the same bits as ONNX Runtime alone, although its kernels' results depend on addresses modulo 16.</summary>
public sealed class SameBitsTests : IDisposable
{
    private const int Width = 7;

    private readonly SessionFolder _models = new();

    public static TheoryData<string> Graphs =>
        ["ReduceSum+Log", "Elu", "Selu", "Softplus", "Acos", "Asin", "Atan", "Softmax", "LRN", "LayerNormalization"];

    public void Dispose() => _models.Dispose();

    [Theory]
    [MemberData(nameof(Graphs))]
    public void Run_FromAnyMemoryInAnySlot_EqualsOnnxRuntimeAloneBitForBit(string graph)
    {
        byte[] onnx = Graph(graph);
        using var alone = new InferenceSession(onnx);
        ModelSession[] sessions = [.. Enumerable.Range(0, 8).Select(_ => _models.Load(onnx))];
        List<byte[]> neighbours = [];
        foreach (int rows in (int[])[1, 2, 3, 17, 64, 100])
        {
            float[] values = Values(rows, isPositive: graph == "ReduceSum+Log");
            byte[] expected = Alone(alone, values, rows);
            long different = 0;
            Parallel.For(0, 800, new ParallelOptions { MaxDegreeOfParallelism = 4 }, run =>
            {
                // Pinned objects next to those of the sessions, with different starts, give different addresses.
                lock (neighbours)
                {
                    neighbours.Add(GC.AllocateArray<byte>(8 * (1 + (run % 3)), pinned: true));
                }

                byte[] memory = new byte[(run % 33 * sizeof(float)) + (values.Length * sizeof(float))];
                Memory<byte> data = memory.AsMemory(run % 33 * sizeof(float));
                MemoryMarshal.AsBytes(values.AsSpan()).CopyTo(data.Span);
                Tensor output = sessions[run % sessions.Length].Run([Tensor.OfBytes("x", Datatype.Fp32, [rows, Width], data)])[0];
                Interlocked.Add(ref different, output.Data.Span.SequenceEqual(expected) ? 0 : 1);
            });

            Assert.Equal((rows, 0), (rows, different));
        }

        Array.ForEach(sessions, session => session.Dispose());
    }

    [Fact]
    public async Task RunAsync_JoinedOrAlone_EqualsOnnxRuntimeAloneBitForBit()
    {
        // Sixteen floats a row: every row is aligned like the first one, so that sums do not depend on the position.
        byte[] onnx = ReduceSum(width: 16, "Relu");
        using var alone = new InferenceSession(onnx);
        using ModelSession session = _models.Load(onnx);
        float[][] rows = [.. Enumerable.Range(0, 50).Select(row => Values(1, 16, row, isPositive: true))];
        byte[][] expected = [.. rows.Select(row => Alone(alone, row, 1))];
        var counts = new RunCounts();
        var queue = new RunQueue(session, runners: 1, maxWaiting: 1000, counts);

        int[] different = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(async () =>
        {
            int wrong = 0;
            for (int i = 0; i < 1000; i++)
            {
                Tensor x = Tensor.OfBytes("x", Datatype.Fp32, [1, 16], MemoryMarshal.AsBytes(rows[i % rows.Length].AsSpan()).ToArray());
                ScoredRows answer = await queue.RunAsync([x], mayJoin: true, null, CancellationToken.None);
                wrong += answer.Outputs[0].Data.Span.SequenceEqual(expected[i % rows.Length]) ? 0 : 1;
            }

            return wrong;
        })));

        Assert.Equal(0, different.Sum());
        Assert.InRange(counts.Runs, 1, counts.Requests - 1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(64)]
    [InlineData(65)]
    public void Run_AnInputThatIsAnOutput_IsReturned(int rows)
    {
        byte[] onnx = new OnnxBuilder().Input("x", TensorElementType.Float, -1, Width)
            .Output("y", OnnxBuilder.TensorType(TensorElementType.Float, -1, Width))
            .Output("x", OnnxBuilder.TensorType(TensorElementType.Float, -1, Width))
            .Node("Relu", ["x"], ["y"]).Build();
        using ModelSession session = _models.Load(onnx);
        Tensor x = Tensor.OfBytes("x", Datatype.Fp32, [rows, Width], MemoryMarshal.AsBytes(Values(rows).AsSpan()).ToArray());

        IReadOnlyList<Tensor> outputs = session.Run([x]);

        Assert.Equal(["y", "x"], outputs.Select(output => output.Name));
        Assert.Equal(x.Data.ToArray(), outputs[1].Data.ToArray());
    }

    /// <summary>ONNX Runtime writes one of two outputs of a name; the other's memory stays as it was.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(65)]
    public void Run_AnOutputThatIsListedTwice_HasItsValuesInBoth(int rows)
    {
        byte[] onnx = new OnnxBuilder().Input("x", TensorElementType.Float, -1, 2)
            .Output("y", OnnxBuilder.TensorType(TensorElementType.Float, -1, 2))
                .Output("y", OnnxBuilder.TensorType(TensorElementType.Float, -1, 2))
            .Node("Relu", ["x"], ["y"]).Build();
        float[] values = [.. Enumerable.Range(0, rows * 2).Select(value => value + 1f)];
        Tensor input = Tensor.OfBytes("x", Datatype.Fp32, [rows, 2], MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

        using ModelSession session = _models.Load(onnx);
        for (int run = 0; run < 3; run++)
        {
            Assert.All(session.Run([input]), output => Assert.Equal(values, MemoryMarshal.Cast<byte, float>(output.Data.Span).ToArray()));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    public void Run_AnOutputThatIsAConstant_IsReturned(int rows)
    {
        float[] constant = Values(rows);
        byte[] onnx = new OnnxBuilder().Input("x", TensorElementType.Float, -1, Width).Initializer("w", constant, rows, Width)
            .Output("y", OnnxBuilder.TensorType(TensorElementType.Float, -1, Width))
            .Output("w", OnnxBuilder.TensorType(TensorElementType.Float, -1, Width))
            .Node("Relu", ["x"], ["y"]).Build();
        using ModelSession session = _models.Load(onnx);

        Tensor output = session.Run([Tensor.OfBytes("x", Datatype.Fp32, [rows, Width], new byte[rows * Width * sizeof(float)])])[1];

        Assert.Equal(constant, MemoryMarshal.Cast<byte, float>(output.Data.Span).ToArray());
    }

    private static byte[] Graph(string name)
    {
        var builder = new OnnxBuilder().Input("x", TensorElementType.Float, -1, Width);
        byte[] same = OnnxBuilder.TensorType(TensorElementType.Float, -1, Width);
        return name switch
        {
            "ReduceSum+Log" => ReduceSum(Width),
            "LRN" => builder.Output("y", OnnxBuilder.TensorType(TensorElementType.Float, -1, Width, 1, 1))
                .Node("Unsqueeze", ["x", "axes"], ["image"]).Node("LRN", ["image"], ["y"], "", OnnxBuilder.Integer("size", 3))
                .IntegerInitializer("axes", 2, 3).Build(),
            "LayerNormalization" => builder.Initializer("scale", Values(1), Width).Output("y", same)
                .Node("LayerNormalization", ["x", "scale"], ["y"]).Build(),
            _ => builder.Output("y", same).Node(name, ["x"], ["y"]).Build(),
        };
    }

    internal static byte[] ReduceSum(int width, string then = "Log") => new OnnxBuilder()
        .Input("x", TensorElementType.Float, -1, width).IntegerInitializer("axes", 1)
        .Output("y", OnnxBuilder.TensorType(TensorElementType.Float, -1, 1))
        .Node("ReduceSum", ["x", "axes"], ["s"]).Node(then, ["s"], ["y"]).Build();

    private static float[] Values(int rows, int width = Width, int seed = 1, bool isPositive = false)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, rows * width).Select(_ => isPositive ? random.NextSingle() : (random.NextSingle() * 1.9f) - 0.95f)];
    }

    /// <summary>Without our code: values from ONNX Runtime's allocator, and outputs that it allocates.</summary>
    private static byte[] Alone(InferenceSession session, float[] values, int rows)
    {
        long[] shape = [rows, values.Length / rows];
        using OrtValue x = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, TensorElementType.Float, shape);
        values.CopyTo(x.GetTensorMutableDataAsSpan<float>());
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(options, ["x"], [x], ["y"]);
        return MemoryMarshal.AsBytes(outputs[0].GetTensorDataAsSpan<float>()).ToArray();
    }
}
