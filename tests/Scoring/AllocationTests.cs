using System.Text;
using Microsoft.AspNetCore.Http;
using Modeldrop.Tabular;
using Modeldrop.Tensors;
using Modeldrop.Wire;
using Modeldrop.Wire.Mlflow;

namespace Modeldrop.Tests.Scoring;

public sealed class AllocationTests
{
    private const int Rows = 5_000;
    private const int Little = 16 * 1024;

    /// <summary>
    /// Covers decoding, routing, checks, the run, the hand-over to the log and encoding. The web server's own objects are not measured.
    /// </summary>
    [Fact]
    public async Task InferAsync_SmallRequest_AllocatesLittle()
    {
        const int Requests = 200;
        using ScoringKit kit = await ScoringKit.WithChampionAsync(
            "digits", await File.ReadAllBytesAsync(ScoringKit.SamplePath("digits/1"), TestContext.Current.CancellationToken));
        byte[] body = Encoding.UTF8.GetBytes($$"""{"inputs":[{"name":"pixels","shape":[1,64],"datatype":"FP32","data":[{{string.Join(",", Enumerable.Range(0, 64).Select(i => $"{i % 17}.5"))}}]}]}""");
        DefaultHttpContext[] requests = [.. Enumerable.Range(0, 2 * Requests).Select(_ => Context(body))];
        kit.Log.EnsureCapacity(2 * Requests);
        await kit.Service.InferAsync(Context(body), "digits", null, CancellationToken.None);
        long allocated = 0;
        for (int i = 0; i < requests.Length; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Task answer = kit.Service.InferAsync(requests[i], "digits", null, CancellationToken.None);
            Assert.True(answer.IsCompletedSuccessfully);
            allocated += i < Requests ? 0 : GC.GetAllocatedBytesForCurrentThread() - before;
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{allocated / Requests} bytes a request");
        Assert.InRange(allocated / Requests, 1, 4 * 1024);
        Assert.All(requests, request => Assert.Equal(200, request.Response.StatusCode));
    }

    /// <summary>Values of rows make no objects: collections of garbage would delay requests to all models.</summary>
    [Theory]
    [InlineData(Datatype.Fp32, "1.5")]
    [InlineData(Datatype.Int64, "7")]
    [InlineData(Datatype.Bytes, "ä")]
    public void Read_ManyRows_AllocatesNothingForEach(Datatype type, string value)
    {
        var texts = new TextBlocks();
        TextColumn[] columns = [new(texts), new(texts)];
        for (int row = 0; row < Rows; row++)
        {
            Array.ForEach(columns, column => column.Add(value));
        }

        var table = new Table([.. columns.Select((column, index) => new TableColumn($"x_{index}", column))], Rows);
        byte[] memory = new byte[1 << 20];

        (long allocated, MappedRows read) = Measure(
            () => ColumnMapping.Create(new Signature([new TensorSpec("x", type, [-1, 2])], []), table)
                .Read(0, Rows, allocate: bytes => memory.AsMemory(0, bytes)));

        Assert.Equal([Rows, 2], read.Inputs[0].Shape);
        // The numbers of the rows are an array.
        Assert.InRange(allocated, 1, (Rows * sizeof(int)) + Little);
    }

    [Theory]
    [InlineData(Datatype.Fp32)]
    [InlineData(Datatype.Bytes)]
    public void Write_ManyRows_AllocatesNothingForEach(Datatype type)
    {
        Tensor rows = type == Datatype.Bytes
            ? Tensor.OfStrings("y", [Rows, 2], [.. Enumerable.Repeat("ä", 2 * Rows)])
            : Tensor.OfBytes("y", type, [Rows, 2], new byte[2 * Rows * sizeof(float)]);
        var signature = new Signature([], [new TensorSpec("y", type, [-1, 2])]);
        using var buffer = new PooledBuffer(1 << 20);

        (long allocated, _) = Measure(() =>
        {
            buffer.Clear();
            InvocationWriter.Write(buffer, signature, new ScoredRows([rows], [rows], TimeSpan.Zero), isFrame: true);
            return buffer.Length;
        });

        Assert.InRange(buffer.Length, 10 * Rows, 1 << 20);
        Assert.InRange(allocated, 1, Little);
    }

    /// <returns>What the last of three runs allocates, and returns.</returns>
    private static (long Allocated, T Result) Measure<T>(Func<T> run)
    {
        run();
        run();
        long before = GC.GetAllocatedBytesForCurrentThread();
        T result = run();
        return (GC.GetAllocatedBytesForCurrentThread() - before, result);
    }

    private static DefaultHttpContext Context(byte[] body)
    {
        var http = new DefaultHttpContext();
        http.Request.Body = new MemoryStream(body);
        http.Request.ContentLength = body.Length;
        http.Response.Body = new MemoryStream(new byte[4096]);
        _ = http.Response.BodyWriter;
        _ = http.Response.Headers;
        return http;
    }
}
