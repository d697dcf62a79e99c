using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.ML.OnnxRuntime.Tensors;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Registry;
using Modeldrop.Scoring;
using Modeldrop.Scoring.Cache;
using Modeldrop.Scoring.Sessions;
using Modeldrop.Wire;
using Modeldrop.Wire.OpenInference;

namespace Modeldrop.Tests.Scoring;

/// <summary>Requests that need more memory than available: only these are refused.</summary>
public sealed class MemoryTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task InferAsync_ARunThatNeedsTerabytes_IsRefusedAndOthersContinue(bool isSummed)
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync("zeros", OnnxBuilder.Zeros(isSummed));

        Reply[] replies = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() =>
            kit.InferAsync("zeros", Request(i % 2 == 0 ? 1_000_000_000_000 : 1)))));

        Reply[] refused = [.. replies.Where((_, i) => i % 2 == 0)];
        Assert.All(refused, reply => Assert.Equal((503, "1"), (reply.Status, reply.Headers.RetryAfter.ToString())));
        Assert.All(refused, reply => Assert.Contains("memory", reply.Error, StringComparison.Ordinal));
        Assert.All(replies.Except(refused), reply => Assert.Equal(200, reply.Status));
    }

    [Fact]
    public async Task InferAsync_AnAnswerBeyondTheBudget_IsRefusedBeforeItIsCopied()
    {
        using ScoringKit kit = await KitAsync(isSummed: false);

        Reply large = await kit.InferAsync("zeros", Request(1_000_000));
        Reply small = await kit.InferAsync("zeros", Request(10_000));

        Assert.Equal((503, 200), (large.Status, small.Status));
        Assert.Contains("may hold 1 MiB together", large.Error, StringComparison.Ordinal);
        Assert.Equal(0, kit.Sessions.Watch.Budget.Held);
    }

    [Theory]
    [InlineData(2_000_000, 503)]
    [InlineData(300_000, 200)]
    public async Task InferAsync_ABodyBeyondTheBudget_IsRefusedAndReleasesItsMemory(int bodyBytes, int status)
    {
        using ScoringKit kit = await KitAsync(isSummed: true);

        Reply reply = await kit.InferAsync("zeros", Request(1) + new string(' ', bodyBytes));

        Assert.Equal(status, reply.Status);
        Assert.Equal(0, kit.Sessions.Watch.Budget.Held);
    }

    /// <summary>A collection stops all requests: the bodies of refused ones must not cause any.</summary>
    [Theory]
    [InlineData(700_000)]
    [InlineData(3_000_000)]
    public async Task InferAsync_ARefusedLargeBody_LeavesNothingToCollect(int bodyBytes)
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync(
            "zeros", OnnxBuilder.Zeros(isSummed: true), configure: options => options.MaxInFlightBytes = 16 << 20);

        Reply reply = await kit.InferAsync("zeros", new string(' ', bodyBytes) + "[");

        Assert.Equal(400, reply.Status);
        Assert.Equal((0, 0), (kit.Sessions.Watch.Budget.Held, kit.Sessions.Watch.Budget.Released));
    }

    /// <summary>A collection stops all requests: large tensors are outside the heap.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task InferAsync_LargeTensors_LeaveNothingToCollect(bool isRaw)
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", OnnxBuilder.Identity(TensorElementType.Float, -1));
        float[] values = [.. Enumerable.Range(0, 300_000).Select(index => index / 8f)];
        byte[] bytes = MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

        Reply reply = isRaw
            ? await kit.InferAsync("m", bytes, headers: (OipCodec.HeaderLength, "0"))
            : await kit.InferAsync("m", $$"""
                {"inputs":[{"name":"x","shape":[300000],"datatype":"FP32","data":[{{string.Join(",", values)}}]}]}
                """);

        Assert.Equal(200, reply.Status);
        Assert.Equal((0, 0), (kit.Sessions.Watch.Budget.Held, kit.Sessions.Watch.Budget.Released));
        ScoredRequest logged = Assert.Single(kit.Log);
        Assert.Equal(bytes, logged.Inputs[0].Data.ToArray());
        Assert.Equal(bytes, logged.Outputs[0].Data.ToArray());
    }

    [Theory]
    [InlineData("json")]
    [InlineData("binary")]
    [InlineData("raw")]
    public async Task InferAsync_LargeTexts_LeaveNothingToCollectAndAreAnsweredAndLoggedLikeSmallOnes(string form)
    {
        string[] some = ["", "abc", "é", "😀", "a\0b", "\"\\\n\u001f/", "\u2028", new string('x', 300)];
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", OnnxBuilder.Identity(TensorElementType.String, -1));
        string[] many = [.. Enumerable.Repeat(some, 20_000).SelectMany(texts => texts)];

        Reply small = await SendAsync(kit, form, some);
        Reply large = await SendAsync(kit, form, many);

        Assert.Equal((200, 200), (small.Status, large.Status));
        Assert.Equal((0, 0), (kit.Sessions.Watch.Budget.Held, kit.Sessions.Watch.Budget.Released));
        Assert.Equal(some, Texts(small));
        Assert.Equal(many, Texts(large));
        Assert.All(kit.Log.Zip([some, many]), pair =>
        {
            Assert.Equal(pair.Second, pair.First.Inputs[0].Strings);
            Assert.Equal(pair.Second, pair.First.Outputs[0].Strings);
        });
    }

    /// <summary>Each input claims 2 MB for one element.</summary>
    [Fact]
    public async Task InferAsync_ShapesThatClaimMoreThanTheBudget_AreRefusedForTheirData()
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync(
            "m", OnnxBuilder.Identity(TensorElementType.Float, -1), configure: options => options.MaxInFlightBytes = 8 << 20);
        string inputs = string.Join(",", Enumerable.Range(0, 20).Select(input =>
            $$"""{"name":"i{{input}}","datatype":"FP64","shape":[250000],"data":[0]}"""));

        Reply reply = await kit.InferAsync("m", $$"""{"inputs":[{{inputs}}]{{new string(' ', 510_000)}}}""");

        Assert.Equal(400, reply.Status);
        Assert.Contains("has 250000 elements, the data 1", reply.Error, StringComparison.Ordinal);
        Assert.Equal(0, kit.Sessions.Watch.Budget.Held);
    }

    [Fact]
    public async Task InferAsync_WhileOthersHoldTheBudget_IsRefusedUntilTheyEnd()
    {
        using ScoringKit kit = await KitAsync(isSummed: true);
        string body = Request(1) + new string(' ', 200_000);
        using (var other = new RequestMemory(kit.Sessions.Watch.Budget))
        {
            other.Take(900_000);
            Assert.Equal(503, (await kit.InferAsync("zeros", body)).Status);
            Assert.Equal(200, (await kit.InferAsync("zeros", Request(1))).Status);
        }

        Assert.Equal(200, (await kit.InferAsync("zeros", body)).Status);
    }

    [Fact]
    public async Task Watch_MuchMemoryOfEndedRequests_IsCollected()
    {
        using var watch = new RunWatch(new ScoringOptions { MaxInFlightBytes = 1 << 30 });
        var garbage = new WeakReference(new byte[1 << 20]);
        watch.Budget.Take(200 << 20);

        watch.Budget.Release(200 << 20);

        await Poll.UntilAsync(() => watch.Budget.Released == 0, "a collection");
        Assert.False(garbage.IsAlive);
    }

    [Fact]
    public async Task WriteErrorAsync_OutOfMemory_IsNotABug()
    {
        var http = new DefaultHttpContext();
        http.Response.Body = new MemoryStream();

        bool isBug = await OipCodec.WriteErrorAsync(http, new InsufficientMemoryException(), Cancellation);

        Assert.Equal((false, 503, "1"), (isBug, http.Response.StatusCode, http.Response.Headers.RetryAfter.ToString()));
    }

    [Fact]
    public async Task GetAsync_SessionsLargerThanTheirFiles_CountAsMeasured()
    {
        using var kit = new ScoringKit(options => options.MaxSessionBytes = 100 << 20);
        byte[] onnx = OnnxBuilder.Zeros(isSummed: true);
        foreach (string name in (string[])["a", "b", "c"])
        {
            (await kit.Sessions.GetAsync(ModelName.Parse(name), kit.Add(name, onnx, memory: 45 << 20), Cancellation)).Dispose();
        }

        Assert.Equal(2, kit.Sessions.Count);
        Assert.Equal(90 << 20, kit.Sessions.Watch.OpenBytes);
    }

    [Fact]
    public async Task GetAsync_AModelThatNeedsMoreMemoryThanTheInstanceHas_IsNotLoaded()
    {
        using var kit = new ScoringKit(options => (options.MaxSessionBytes, options.MaxRunBytes) = (100 << 20, 50 << 20));
        VersionEntry version = kit.Add("m", OnnxBuilder.Zeros(isSummed: true), memory: 200L << 20);

        Task<LoadedVersion> loading = kit.Sessions.GetAsync(ModelName.Parse("m"), version, Cancellation).AsTask();

        ServiceException exception = await Assert.ThrowsAsync<ServiceException>(() => loading);
        Assert.Equal(ErrorCode.ModelLoadFailed, exception.Code);
        Assert.StartsWith("The model needs 200 MiB of memory", exception.Message, StringComparison.Ordinal);
        Assert.EndsWith("an instance has 150 MiB for models.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetAsync_MemoryStillInUseByARequest_Waits()
    {
        using var kit = new ScoringKit(options => (options.MaxSessionBytes, options.MaxRunBytes) = (100 << 20, 1 << 20));
        byte[] onnx = OnnxBuilder.Zeros(isSummed: true);
        LoadedVersion inUse = await kit.Sessions.GetAsync(ModelName.Parse("a"), kit.Add("a", onnx, memory: 90 << 20), Cancellation);

        Task<LoadedVersion> next = kit.Sessions.GetAsync(ModelName.Parse("b"), kit.Add("b", onnx, memory: 90 << 20), Cancellation).AsTask();
        while (kit.Sessions.Count > 0)
        {
            await Task.Yield();
        }

        Assert.False(next.IsCompleted);
        inUse.Dispose();
        (await next).Dispose();
        Assert.Equal(90 << 20, kit.Sessions.Watch.OpenBytes);
    }

    private static Task<Reply> SendAsync(ScoringKit kit, string form, string[] texts)
    {
        byte[] bytes = [.. texts.SelectMany(text =>
        {
            byte[] utf8 = Encoding.UTF8.GetBytes(text);
            return (byte[])[.. BitConverter.GetBytes(utf8.Length), .. utf8];
        })];
        string json = $$$"""
            {"inputs":[{"name":"x","shape":[{{{texts.Length}}}],"datatype":"BYTES","parameters":{"binary_data_size":{{{bytes.Length}}}}}]}
            """;
        return form switch
        {
            "raw" => kit.InferAsync("m", bytes, headers: (OipCodec.HeaderLength, "0")),
            "binary" => kit.InferAsync(
                "m", [.. Encoding.UTF8.GetBytes(json), .. bytes], headers: (OipCodec.HeaderLength, $"{json.Length}")),
            _ => kit.InferAsync("m", $$"""
                {"inputs":[{"name":"x","shape":[{{texts.Length}}],"datatype":"BYTES","data":{{JsonSerializer.Serialize(texts)}}}]}
                """),
        };
    }

    private static List<string> Texts(Reply reply)
    {
        if (!reply.Headers.TryGetValue(OipCodec.HeaderLength, out StringValues header))
        {
            return [.. reply.Json.GetProperty("outputs")[0].GetProperty("data").EnumerateArray().Select(text => text.GetString()!)];
        }

        var texts = new List<string>();
        ReadOnlySpan<byte> rest = reply.Body.AsSpan(int.Parse(header.ToString(), CultureInfo.InvariantCulture));
        while (!rest.IsEmpty)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(rest);
            texts.Add(Encoding.UTF8.GetString(rest.Slice(4, length)));
            rest = rest[(4 + length)..];
        }

        return texts;
    }

    /// <summary>Running requests may hold 1 MiB.</summary>
    private static Task<ScoringKit> KitAsync(bool isSummed) =>
        ScoringKit.WithChampionAsync("zeros", OnnxBuilder.Zeros(isSummed), configure: options => options.MaxInFlightBytes = 1 << 20);

    private static string Request(long count) => $$$"""{"inputs":[{"name":"k","shape":[1],"datatype":"INT64","data":[{{{count}}}]}]}""";
}
