using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.ML.OnnxRuntime.Tensors;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Routing;
using Modeldrop.Tests.Scoring;

namespace Modeldrop.Tests.Routing;

public sealed class RolloutCounterTests(AzuriteFixture azurite)
{
    private const string Body = """{"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[7]}]}""";
    private static readonly OperationId Rollout = OperationId.Parse("m~promote~1");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task InferAsync_DuringARollout_CountsBothVersionsAndFailuresButNoErrorOfTheCaller()
    {
        using ScoringKit kit = await SplitAsync(percent: 50);

        var seen = new Dictionary<string, int>();
        for (int i = 0; i < 200; i++)
        {
            Reply reply = await kit.InferAsync("m", Body);
            string version = reply.Json.GetProperty("model_version").GetString()!;
            string alias = reply.Json.GetProperty("parameters").GetProperty("alias").GetString()!;
            Assert.Equal(version == "1" ? "champion" : "candidate", alias);
            seen[version] = seen.GetValueOrDefault(version) + 1;
        }

        Assert.Equal(400, (await kit.InferAsync("m", """{"inputs":[]}""")).Status);
        Assert.Equal("2", (await kit.InferAsync("m", Body, "candidate")).Json.GetProperty("model_version").GetString());
        Assert.Equal(200, (await kit.InferAsync("m", Body, "2")).Status);

        IReadOnlyDictionary<int, VersionCounts> counts = kit.Meters.Of(Rollout).Read();
        Assert.Equal((seen["1"], 0L, (long)seen["1"]), (counts[1].Requests, counts[1].Failures, counts[1].Latency.Count));
        Assert.Equal((seen["2"], 0L), (counts[2].Requests, counts[2].Failures));
        Assert.Equal(200, seen.Values.Sum());
    }

    [Fact]
    public async Task FlushAsync_TwoProcesses_WritesOnlyChangesAndSumsThem()
    {
        var account = azurite.CreateAccount();
        await account.EnsureCreatedAsync(Cancellation);
        var store = new RolloutCounterStore(account);
        using ScoringKit one = await SplitAsync(percent: 100);
        using ScoringKit two = await SplitAsync(percent: 100);
        RolloutFlusher first = Flusher(one, store);
        RolloutFlusher second = Flusher(two, store);
        for (int i = 0; i < 10; i++)
        {
            await one.InferAsync("m", Body);
            await two.InferAsync("m", Body);
            await first.FlushAsync(Cancellation);
        }

        await first.FlushAsync(Cancellation);
        await second.FlushAsync(Cancellation);

        RolloutCounts counts = await store.ReadAsync(Rollout, Cancellation);
        Assert.Equal((20, 0, 20), (counts.Of(2).Requests, counts.Of(2).Failures, counts.Of(2).Latency.Count));
        Assert.Equal(VersionCounts.None, counts.Of(1));
        Assert.Empty((await store.ReadAsync(OperationId.Parse("m~promote~2"), Cancellation)).Versions);

        await store.DeleteAsync(Rollout, Cancellation);
        await store.DeleteAsync(Rollout, Cancellation);
        Assert.Empty((await store.ReadAsync(Rollout, Cancellation)).Versions);
    }

    [Fact]
    public async Task FlushAsync_RolloutEnded_WritesTheRestAndReleasesTheCounters()
    {
        var account = azurite.CreateAccount();
        await account.EnsureCreatedAsync(Cancellation);
        var store = new RolloutCounterStore(account);
        using ScoringKit kit = await SplitAsync(percent: 100);
        RolloutFlusher flusher = Flusher(kit, store);
        await kit.InferAsync("m", Body);
        kit.Change("m", head => head with { Split = null });
        await kit.Router.RefreshAsync(Cancellation);

        await flusher.FlushAsync(Cancellation);
        Assert.Equal(1, (await store.ReadAsync(Rollout, Cancellation)).Of(2).Requests);
        await flusher.FlushAsync(Cancellation);
        Assert.Empty(kit.Meters.List());
    }

    [Fact]
    public async Task RefreshAsync_CandidateCannotBeLoaded_ChampionAnswersAllUntilItLoads()
    {
        using ScoringKit kit = await SplitAsync(percent: 0);
        Assert.Equal(200, (await kit.InferAsync("m", Body)).Status);
        bool broken = true;
        kit.BeforeOpen = _ => broken ? Task.FromException(new IOException("no disk")) : Task.CompletedTask;
        kit.Add("m", OnnxBuilder.Identity("third", TensorElementType.Float, -1));
        kit.Change("m", head => head with { Split = new TrafficSplit(3, 100, Rollout, DateTimeOffset.UnixEpoch) });

        await kit.Router.RefreshAsync(Cancellation);
        Reply reply = await kit.InferAsync("m", Body);
        Assert.Equal("1", reply.Json.GetProperty("model_version").GetString());
        Assert.Equal(1, kit.Meters.Of(Rollout).Of(3).Read().Unloaded);

        broken = false;
        await kit.Router.RefreshAsync(Cancellation);
        Assert.Equal("3", (await kit.InferAsync("m", Body)).Json.GetProperty("model_version").GetString());
    }

    private static RolloutFlusher Flusher(ScoringKit kit, RolloutCounterStore store) =>
        new(kit.Meters, store, kit.Router, Options.Create(new RoutingOptions()), TimeProvider.System, NullLogger<RolloutFlusher>.Instance);

    private static async Task<ScoringKit> SplitAsync(int percent)
    {
        ScoringKit kit = await ScoringKit.WithChampionAsync("m", OnnxBuilder.Identity("first", TensorElementType.Float, -1));
        kit.Add("m", OnnxBuilder.Identity("second", TensorElementType.Float, -1));
        kit.Change(
            "m", head => head with { Split = percent == 0 ? null : new TrafficSplit(2, percent, Rollout, DateTimeOffset.UnixEpoch) });
        await kit.Router.RefreshAsync(Cancellation);
        return kit;
    }
}
