using Microsoft.ML.OnnxRuntime.Tensors;
using Modeldrop.Errors;
using Modeldrop.Registry;
using Modeldrop.Routing;
using Modeldrop.Tests.Scoring;

namespace Modeldrop.Tests.Routing;

public sealed class TrafficRouterTests
{
    private const string Body = """{"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[7]}]}""";

    private static readonly byte[] Onnx = OnnxBuilder.Identity(TensorElementType.Float, -1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Resolve_BeforeTheRegistryIsRead_IsUnavailable()
    {
        using var kit = new ScoringKit();

        Assert.Equal(ErrorCode.StoreUnavailable, Assert.Throws<ServiceException>(() => kit.Router.Resolve("m", null, null, 0)).Code);
        Assert.False(kit.Router.IsReady);
    }

    [Fact]
    public async Task Resolve_NumberOrAliasOrNeither_FindsTheVersion()
    {
        using ScoringKit kit = await WithVersionsAsync(VersionStatus.Champion, VersionStatus.Validated, VersionStatus.Retired);
        kit.Point("m", "challenger", 2);
        await kit.Router.RefreshAsync(Cancellation);

        Assert.Equal((1, "champion"), Pick(kit, null));
        Assert.Equal((1, "champion"), Pick(kit, "champion"));
        Assert.Equal((2, "challenger"), Pick(kit, "challenger"));
        Assert.Equal((3, null), Pick(kit, "3"));
    }

    [Theory]
    [InlineData("nobody", null, ErrorCode.ModelNotFound, 404)]
    [InlineData("M", null, ErrorCode.ModelNotFound, 404)]
    [InlineData("m", "0", ErrorCode.VersionNotFound, 404)]
    [InlineData("m", "9", ErrorCode.VersionNotFound, 404)]
    [InlineData("m", "99999999999999999999", ErrorCode.VersionNotFound, 404)]
    [InlineData("m", "-1", ErrorCode.VersionNotFound, 404)]
    [InlineData("m", "challenger", ErrorCode.VersionNotFound, 404)]
    [InlineData("m", "2", ErrorCode.VersionNotFound, 404)]
    [InlineData("m", "3", ErrorCode.VersionNotReady, 503)]
    [InlineData("m", "4", ErrorCode.VersionNotReady, 503)]
    [InlineData("empty", null, ErrorCode.ModelNotFound, 404)]
    [InlineData("unpromoted", null, ErrorCode.VersionNotReady, 503)]
    [InlineData("unpromoted", "champion", ErrorCode.VersionNotReady, 503)]
    [InlineData("archived", null, ErrorCode.ModelNotFound, 404)]
    public async Task InferAsync_NoVersionToServe_IsRefusedWithAReason(string model, string? version, ErrorCode code, int status)
    {
        using ScoringKit kit = await WithVersionsAsync(
            VersionStatus.Champion, VersionStatus.Rejected, VersionStatus.Registered, VersionStatus.Validating);
        kit.Add("unpromoted", Onnx);
        kit.Add("archived", Onnx);
        kit.Point("archived", "champion", 1);
        kit.Change("archived", head => head with { Archived = true });
        kit.Add("empty", Onnx);
        kit.Change("empty", head => head with { Versions = [] });
        await kit.Router.RefreshAsync(Cancellation);

        Reply reply = await kit.InferAsync(model, Body, version);

        Assert.Equal(code, Assert.Throws<ServiceException>(() => kit.Router.Resolve(model, version, null, 0)).Code);
        Assert.Equal((status, "application/json"), (reply.Status, reply.Headers.ContentType.ToString()));
        Assert.NotEmpty(reply.Error);
        Assert.Equal(status == 503, reply.Headers.ContainsKey("Retry-After"));
    }

    [Fact]
    public async Task RefreshAsync_ChampionMoves_RoutesToItOnceLoaded()
    {
        using ScoringKit kit = await WithVersionsAsync(VersionStatus.Champion, VersionStatus.Validated);
        kit.Point("m", "champion", 2);

        await kit.Router.RefreshAsync(Cancellation);

        Assert.Equal((2, "champion"), Pick(kit, null));
        Assert.Equal(1, kit.Sessions.Count);
    }

    [Fact]
    public async Task PollAsync_NewChampionIsLoading_PreviousOneServesUntilItIsLoaded()
    {
        using ScoringKit kit = await WithVersionsAsync(VersionStatus.Champion, VersionStatus.Validated);
        Assert.Equal(200, (await kit.InferAsync("m", Body)).Status);
        var gate = new TaskCompletionSource();
        kit.BeforeOpen = _ => gate.Task;
        kit.Point("m", "champion", 2);

        await kit.Router.PollAsync(force: false, Cancellation);
        Assert.Equal((1, "champion"), Pick(kit, null));
        Assert.Equal(200, (await kit.InferAsync("m", Body)).Status);

        gate.SetResult();
        await PollUntilAsync(kit, () => Pick(kit, null) == (2, "champion"));
        Assert.Equal("2", (await kit.InferAsync("m", Body)).Json.GetProperty("model_version").GetString());
    }

    [Fact]
    public async Task RefreshAsync_NewChampionCannotBeLoaded_PreviousOneServesUntilItLoads()
    {
        using ScoringKit kit = await WithVersionsAsync(VersionStatus.Champion, VersionStatus.Validated);
        bool broken = true;
        kit.BeforeOpen = _ => broken ? Task.FromException(new IOException("no disk")) : Task.CompletedTask;
        kit.Point("m", "champion", 2);

        await kit.Router.RefreshAsync(Cancellation);
        Assert.Equal((1, "champion"), Pick(kit, null));
        Reply ready = await ScoringKit.AskAsync(http => kit.Server.WriteModelReadyAsync(http, "m", "2", Cancellation));
        Assert.Equal((503, false), (ready.Status, ready.Json.GetProperty("ready").GetBoolean()));

        broken = false;
        await PollUntilAsync(kit, () => Pick(kit, null) == (2, "champion"));
    }

    [Fact]
    public async Task PollAsync_StoreDown_LastSnapshotServes()
    {
        using ScoringKit kit = await WithVersionsAsync(VersionStatus.Champion);
        kit.StoreFails = true;

        await Assert.ThrowsAsync<ServiceException>(() => kit.Router.PollAsync(force: false, Cancellation));

        Assert.Equal(200, (await kit.InferAsync("m", Body)).Status);
    }

    [Fact]
    public async Task InferAsync_ChampionMovesBackAndForth_NoRequestFails()
    {
        using ScoringKit kit = await WithVersionsAsync(VersionStatus.Champion, VersionStatus.Validated, VersionStatus.Validated);
        kit.KeepLog = false;
        using var stop = new CancellationTokenSource();
        Task<int>[] load = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() => CountFailuresAsync(kit, stop.Token)))];
        try
        {
            for (int i = 0; i < 60; i++)
            {
                kit.Point("m", "champion", 1 + (i % 3));
                await kit.Router.RefreshAsync(Cancellation);
                Assert.Equal((1 + (i % 3), "champion"), Pick(kit, null));
            }
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(load);
        }

        Assert.Equal(new int[4], await Task.WhenAll(load));
    }

    private static async Task<int> CountFailuresAsync(ScoringKit kit, CancellationToken stop)
    {
        int failures = 0;
        while (!stop.IsCancellationRequested)
        {
            failures += (await kit.InferAsync("m", Body)).Status == 200 ? 0 : 1;

            // Streams in memory never wait: without this the test would occupy the pool's threads.
            await Task.Yield();
        }

        return failures;
    }

    private static Task PollUntilAsync(ScoringKit kit, Func<bool> condition) => Poll.UntilAsync(
        async () =>
        {
            await kit.Router.PollAsync(force: false, Cancellation);
            return condition();
        },
        "a route");

    private static (int Version, string? Alias) Pick(ScoringKit kit, string? versionOrAlias)
    {
        Route route = kit.Router.Resolve("m", versionOrAlias, null, 0);
        return (route.Version.Number, route.Alias);
    }

    private static async Task<ScoringKit> WithVersionsAsync(params VersionStatus[] statuses)
    {
        // Versions with different bytes, because equal ones would share a file in the cache.
        int producer = 0;
        var kit = new ScoringKit();
        foreach (VersionStatus status in statuses)
        {
            kit.Add("m", OnnxBuilder.Identity($"{producer++}", TensorElementType.Float, -1), status);
        }

        kit.Point("m", "champion", 1);
        await kit.Router.RefreshAsync(Cancellation);
        return kit;
    }
}
