using System.Runtime.InteropServices;
using Azure.Storage.Blobs.Models;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Storage;
using Modeldrop.Tensors;
using Modeldrop.Wire;
using static Modeldrop.Tests.Predictions.LogWorld;

namespace Modeldrop.Tests.Predictions;

public sealed class PredictionLogTests(AzuriteFixture azurite)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FindAsync_EveryDatatype_ReturnsTheSameBits()
    {
        var world = new LogWorld(azurite);
        PredictionLog log = await world.StartLogAsync();
        Tensor[] inputs =
        [
            Numbers("bool", Datatype.Bool, [2, 2], new byte[] { 0, 1, 1, 0 }),
            Numbers("uint8", Datatype.Uint8, [2], new byte[] { 0, 255 }),
            Numbers("uint16", Datatype.Uint16, [2], new ushort[] { 0, ushort.MaxValue }),
            Numbers("uint32", Datatype.Uint32, [2], new uint[] { 0, uint.MaxValue }),
            Numbers("uint64", Datatype.Uint64, [2], new ulong[] { 0, ulong.MaxValue }),
            Numbers("int8", Datatype.Int8, [2], new sbyte[] { sbyte.MinValue, sbyte.MaxValue }),
            Numbers("int16", Datatype.Int16, [2], new short[] { short.MinValue, short.MaxValue }),
            Numbers("int32", Datatype.Int32, [2], new int[] { int.MinValue, int.MaxValue }),
            Numbers("int64", Datatype.Int64, [2], new long[] { long.MinValue, long.MaxValue }),
            Numbers("fp16", Datatype.Fp16, [3], new ushort[] { 0x7e01, 0x8000, 0x7c00 }),
            Numbers("bf16", Datatype.Bf16, [2], new ushort[] { 0x7fc1, 0xff80 }),
            Numbers("fp32", Datatype.Fp32, [4], new uint[] { 0x7fc00001, 0xffa00000, 0x80000000, 0x7f800000 }),
            Numbers("fp64", Datatype.Fp64, [3], new ulong[] { 0x7ff8000000000001, 0xfff4000000000000, 0x8000000000000000 }),
            Tensor.OfStrings("bytes", [2, 2], ["", "äöü \u0000 😀", "a", new string('z', 5000)]),
            Numbers("scalar", Datatype.Fp32, [], new float[] { 3.5f }),
            Numbers("none", Datatype.Int64, [0, 7], Array.Empty<long>()),
            Tensor.OfStrings("no_text", [0], []),
            Floats("in.out_shape.x", [1, 1, 1], 7f),
        ];
        ScoredRequest request = Request(
            log, 3, null, null,
            inputs) with { Alias = "champion", RequestId = "42", EventTime = new DateTimeOffset(
                1066, 10, 14, 9, 0, 0, TimeSpan.FromHours(1)) };
        Assert.True(log.Append(request));
        // The same tensors in other shapes share the pack.
        ScoredRequest other = request with { Id = log.NextId(Flights), Alias = null, RequestId = null, Inputs = [.. inputs.Select(Empty)] };
        Assert.True(log.Append(other));
        await log.StopAsync(Token);

        Prediction found = await world.Store.GetAsync(request.Id, Token);

        Assert.Equal(
            (request.Id, Flights, 3, "sha-3", "champion", "42"),
            (found.Id, found.Model, found.Version, found.ModelSha256, found.Alias, found.RequestId));
        Assert.Equal((request.ReceivedAt, request.EventTime, request.Duration), (found.ReceivedAt, found.EventTime, found.Duration));
        Assert.Equal(EnvironmentFingerprint.Current, found.Environment);
        AssertSame(request.Inputs, found.Inputs);
        AssertSame(request.Outputs, found.Outputs);
        Prediction second = await world.Store.GetAsync(other.Id, Token);
        AssertSame(other.Inputs, second.Inputs);
        Assert.Null(second.Alias);
        Assert.Null(second.RequestId);
        Assert.Single(await ReadPacksAsync(world));
    }

    /// <summary>The memory of a large tensor belongs to its request, which has ended when the record is written.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Append_ALargeTensor_IsWrittenAfterItsRequestHasEndedAndFreedThen(bool isText)
    {
        var world = new LogWorld(azurite);
        PredictionLog log = await world.StartLogAsync();
        string[] texts = [.. Enumerable.Range(0, 50_000).Select(number => $"text {number}")];
        byte[] expected = new Texts(texts).Block.ToArray();
        ScoredRequest request;
        NativeBytes? native;
        using (var memory = new RequestMemory(new MemoryBudget(1 << 30)))
        {
            Memory<byte> data = memory.Allocate(expected.Length);
            expected.CopyTo(data);
            request = Request(log, inputs: isText
                ? Tensor.OfTexts("x", [1, texts.Length], new Texts(data, texts.Length))
                : Tensor.OfBytes("x", Datatype.Uint8, [1, expected.Length], data));
            Assert.True(MemoryMarshal.TryGetMemoryManager((ReadOnlyMemory<byte>)data, out native));
            Assert.True(log.Append(request));
        }

        await log.FlushAsync(Token);

        Prediction found = await world.Store.GetAsync(request.Id, Token);
        Assert.Equal(expected, (isText ? found.Inputs[0].Texts!.Block : found.Inputs[0].Data).ToArray());
        Assert.Equal(0, native.Length);
        await log.StopAsync(Token);
    }

    [Fact]
    public async Task FindAsync_VersionsWritersAndLateRecordsInterleaved_FindsEachInAtMostThreeTransactions()
    {
        var random = new Random(7);
        var policy = new FaultPolicy();
        var world = new LogWorld(azurite, policy);
        var requests = new List<ScoredRequest>();
        var late = new List<(PredictionLog Log, ScoredRequest Request)>();
        PredictionLog[] logs = [await world.StartLogAsync(), await world.StartLogAsync()];
        for (int flush = 0; flush < 5; flush++)
        {
            for (int index = 0; index < 60; index++)
            {
                PredictionLog log = logs[random.Next(2)];
                ScoredRequest request = Request(log, 1 + random.Next(3), null, null, Floats("x", [1, 2], flush, index));
                requests.Add(request);
                if (random.Next(10) == 0)
                {
                    late.Add((log, request));
                }
                else
                {
                    log.Append(request);
                }
            }

            await Task.WhenAll(logs.Select(log => log.FlushAsync(Token)));
            late.ForEach(item => item.Log.Append(item.Request));
            late.Clear();
        }

        await Task.WhenAll(logs.Select(log => log.StopAsync(Token)));

        foreach (ScoredRequest request in requests)
        {
            int before = policy.Requests;
            using StorageMeter meter = StorageMeter.Start();
            Prediction? found = await world.Store.FindAsync(request.Id, Token);
            Assert.NotNull(found);
            Assert.Equal(request.Version, found.Version);
            AssertSame(request.Inputs, found.Inputs);
            Assert.InRange(policy.Requests - before, 1, 3);
            Assert.Equal(policy.Requests - before, meter.Transactions);
        }

        Assert.Null(await world.Store.FindAsync(requests[0].Id with { Writer = 1 }, Token));
    }

    [Fact]
    public async Task Append_SeveralVersions_EachPackHasOneVersionAndKeysAscendInTheOrderOfWriting()
    {
        var world = new LogWorld(azurite);
        PredictionLog log = await world.StartLogAsync(new PredictionOptions { MaxPackBytes = 4096 });
        ModelName digits = ModelName.Parse("digits");
        var keys = new List<string>();
        for (int flush = 0; flush < 3; flush++)
        {
            for (int index = 0; index < 100; index++)
            {
                log.Append(Request(log, 1 + (index % 2), index % 3 == 0 ? digits : Flights));
            }

            await log.FlushAsync(Token);
            List<LogPack> packs = await ReadPacksAsync(world);
            List<string> added = [.. packs.Where(pack => pack.Model.Value == "flights").Select(pack => pack.RowKey).Except(keys)];
            Assert.NotEmpty(added);
            Assert.All(added, key => Assert.True(keys.Count == 0 || string.CompareOrdinal(key, keys[^1]) > 0));
            keys.AddRange(added);
        }

        await log.StopAsync(Token);
        List<LogPack> all = await ReadPacksAsync(world);
        Assert.Equal(198, all.Sum(pack => pack.Records));
        Assert.Equal(198, all.Sum(pack => pack.Rows));
        foreach (LogPack pack in all)
        {
            using PackColumns columns = pack.ReadColumns();
            Assert.Equal(pack.Records, columns.Records);
        }
    }

    [Fact]
    public async Task Append_RecordAboveTheLimit_HasABlobAndIsFound()
    {
        var world = new LogWorld(azurite);
        PredictionLog log = await world.StartLogAsync();
        float[] pixels = new float[1_000_000];
        new Random(3).NextBytes(MemoryMarshal.AsBytes(pixels.AsSpan()));
        ScoredRequest large = Request(log, 1, null, null, Floats("x", [1, 1_000_000], pixels));
        ScoredRequest small = Request(log, 1, null, null, Floats("x", [1, 2], 1, 2));
        ScoredRequest byManifest = Request(log, 1, null, null, Floats("x", [1, 500], new float[500])) with { MaxRecordBytes = 1000 };
        Assert.All([large, small, byManifest], request => log.Append(request));
        await log.StopAsync(Token);

        foreach (ScoredRequest request in new[] { large, small, byManifest })
        {
            using StorageMeter meter = StorageMeter.Start();
            AssertSame(request.Inputs, (await world.Store.FindAsync(request.Id, Token))!.Inputs);
            Assert.InRange(meter.Transactions, 1, 3);
        }

        var blobs = new List<string>();
        await foreach (var blob in world.Account.Container(BlobContainers.Predictions).GetBlobsAsync(
                BlobTraits.None, BlobStates.None, LogPartition.Of(large.Id).Key, Token))
        {
            blobs.Add(blob.Name);
        }

        Assert.Equal(2, blobs.Count);
    }

    [Fact]
    public async Task Append_IncompressibleRecords_PacksStayWithinAnEntity()
    {
        var world = new LogWorld(azurite);
        PredictionLog log = await world.StartLogAsync();
        var random = new Random(5);
        var requests = new List<ScoredRequest>();
        for (int index = 0; index < 200; index++)
        {
            byte[] noise = new byte[60_000];
            random.NextBytes(noise);
            requests.Add(Request(log, 1, null, null, Tensor.OfBytes("x", Datatype.Uint8, [1, 60_000], noise)));
        }

        Assert.All(requests, request => Assert.True(log.Append(request)));
        await log.StopAsync(Token);

        Assert.Equal(0, log.Dropped);
        AssertSame(requests[^1].Inputs, (await world.Store.GetAsync(requests[^1].Id, Token)).Inputs);
        Assert.Equal(200, (await ReadPacksAsync(world)).Sum(pack => pack.Records));
    }

    [Fact]
    public async Task NextId_Concurrently_IsUnique()
    {
        var world = new LogWorld(azurite);
        PredictionLog log = await world.StartLogAsync();
        PredictionId[][] ids = new PredictionId[8][];
        Parallel.For(0, ids.Length, index => ids[index] = [.. Enumerable.Range(0, 10_000).Select(_ => log.NextId(Flights))]);
        await log.StopAsync(Token);
        Assert.Equal(80_000, ids.SelectMany(part => part).Distinct().Count());
    }

    internal static void AssertSame(IReadOnlyList<Tensor> expected, IReadOnlyList<Tensor> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        foreach ((Tensor left, Tensor right) in expected.Zip(actual))
        {
            Assert.Equal((left.Name, left.Datatype), (right.Name, right.Datatype));
            Assert.Equal(left.Shape, right.Shape);
            Assert.True(left.Data.Span.SequenceEqual(right.Data.Span), left.Name);
            Assert.Equal(left.Strings, right.Strings);
        }
    }

    internal static async Task<List<LogPack>> ReadPacksAsync(LogWorld world, ModelName? model = null)
    {
        var packs = new List<LogPack>();
        await foreach (LogPack pack in world.Store.ReadPacksAsync(
                model ?? Flights, DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue, Token))
        {
            packs.Add(pack);
        }

        return packs;
    }

    private static Tensor Empty(Tensor tensor) => tensor.Datatype == Datatype.Bytes
        ? Tensor.OfStrings(tensor.Name, [0], [])
        : Tensor.OfBytes(tensor.Name, tensor.Datatype, [1, 0], default);
}
