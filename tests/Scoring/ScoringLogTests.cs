using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.ML.OnnxRuntime.Tensors;
using Modeldrop.Errors;
using Modeldrop.Manifests;
using Modeldrop.Predictions;
using Modeldrop.Registry;
using Modeldrop.Telemetry;

namespace Modeldrop.Tests.Scoring;

/// <summary>The logged parts of a request, and the time of its answer.</summary>
public sealed class ScoringLogTests
{
    private const string Row = """{"id":"r","inputs":[{"name":"x","shape":[1,1],"datatype":"FP32","data":[1]}]}""";

    [Fact]
    public async Task InferAsync_Durable_AnswersWhenTheRecordIsStored()
    {
        var stored = new TaskCompletionSource();
        using ScoringKit kit = await ScoringKit.WithChampionAsync(
            "m", OnnxBuilder.Identity(TensorElementType.Float, -1, 1), new LoggingPolicy { Mode = LoggingMode.Durable });
        kit.BeforeStored = _ => stored.Task;

        Task<Reply> reply = kit.InferAsync("m", Row);
        Assert.False(reply.IsCompleted);
        stored.SetResult();

        Assert.Equal(200, (await reply).Status);
        Assert.Single(kit.Log);
    }

    [Fact]
    public async Task InferAsync_DurableButNotStored_Is503()
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync(
            "m", OnnxBuilder.Identity(TensorElementType.Float, -1, 1), new LoggingPolicy { Mode = LoggingMode.Durable });
        kit.BeforeStored = _ => throw new ServiceException(ErrorCode.StoreUnavailable, "It is down.");

        Reply reply = await kit.InferAsync("m", Row);

        Assert.Equal((503, "1"), (reply.Status, reply.Headers.RetryAfter.ToString()));
        Assert.Empty(kit.Log);
    }

    [Fact]
    public async Task InferAsync_DurableButNotStored_CountsAsOneFailureOfItsRollout()
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync(
            "m", OnnxBuilder.Identity(TensorElementType.Float, -1, 1), new LoggingPolicy { Mode = LoggingMode.Durable });
        kit.Add("m", OnnxBuilder.Identity("other", TensorElementType.Float, -1, 1));
        kit.Change("m", head => head with { Split = new TrafficSplit(2, 0, Ids.Operation("op"), DateTimeOffset.UnixEpoch) });
        await kit.Router.RefreshAsync(TestContext.Current.CancellationToken);
        kit.BeforeStored = _ => throw new ServiceException(ErrorCode.StoreUnavailable, "It is down.");

        Assert.Equal(503, (await kit.InferAsync("m", Row)).Status);

        Modeldrop.Routing.VersionCounts counts = kit.Meters.Of(Ids.Operation("op")).Of(1).Read();
        Assert.Equal((1, 1), (counts.Requests, counts.Failures));
    }

    [Fact]
    public async Task InferAsync_Traced_SpanIsAnErrorUnlessTheCallerIsAtFault()
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync(
            "traced", OnnxBuilder.Identity(TensorElementType.Float, -1, 1), new LoggingPolicy { Mode = LoggingMode.Durable });
        ConcurrentQueue<ActivityStatusCode> spans = [];
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == ServiceTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = span =>
            {
                // Other tests score in parallel.
                if (Equals(span.GetTagItem(ServiceTelemetry.ModelTag), "traced"))
                {
                    spans.Enqueue(span.Status);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);

        await kit.InferAsync("traced", Row);
        await kit.InferAsync("traced", Row.Replace("[1,1]", "[1,2]", StringComparison.Ordinal));
        kit.BeforeStored = _ => throw new ServiceException(ErrorCode.StoreUnavailable, "It is down.");
        await kit.InferAsync("traced", Row);
        kit.Add("traced", OnnxBuilder.Identity(TensorElementType.Double, -1, 1));
        kit.Damage("traced", 2);
        await kit.Router.RefreshAsync(CancellationToken.None);
        await kit.InferAsync("traced", Row, "2");

        Assert.Equal([ActivityStatusCode.Unset, ActivityStatusCode.Unset, ActivityStatusCode.Error, ActivityStatusCode.Error], spans);
    }

    [Fact]
    public async Task InferAsync_RequestThatDoesNotFit_IsLoggedWithItsError()
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", OnnxBuilder.Identity(TensorElementType.Float, -1, 1));

        Reply reply = await kit.InferAsync("m", Row.Replace("[1,1]", "[1,2]", StringComparison.Ordinal));

        ScoredRequest record = kit.Log.Single();
        Assert.Equal(400, reply.Status);
        Assert.Equal(reply.Error, record.Error);
        Assert.Equal("r", record.RequestId);
        Assert.Empty(record.Inputs);
        Assert.Empty(record.Outputs);
        Assert.Equal(record.Id.ToString(), reply.Headers["x-prediction-id"].ToString());
    }

    [Fact]
    public async Task InferAsync_ValueThatTheGraphRefuses_IsLoggedWithItsInputs()
    {
        byte[] onnx = new OnnxBuilder().Input("x", TensorElementType.Int64, -1).Initializer("table", [10, 20, 30], 3)
            .Output("y", OnnxBuilder.TensorType(TensorElementType.Float, -1)).Node("Gather", ["table", "x"], ["y"]).Build();
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", onnx);

        Reply reply = await kit.InferAsync("m", """{"inputs":[{"name":"x","shape":[1],"datatype":"INT64","data":[9]}]}""");

        Assert.Equal(400, reply.Status);
        Assert.Equal(9, BitConverter.ToInt64(kit.Log.Single().Inputs.Single().Data.Span));
        Assert.NotNull(kit.Log.Single().Error);
    }

    [Fact]
    public async Task InferAsync_ModeOff_LogsNothing()
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync(
            "m", OnnxBuilder.Identity(TensorElementType.Float, -1, 1), new LoggingPolicy { Mode = LoggingMode.Off });

        Assert.Equal(200, (await kit.InferAsync("m", Row)).Status);
        Assert.Equal(400, (await kit.InferAsync("m", Row.Replace("[1,1]", "[1,2]", StringComparison.Ordinal))).Status);

        Assert.Empty(kit.Log);
    }

    [Theory]
    [InlineData(null, "version 1: the champion has all traffic")]
    [InlineData("1", "version 1: requested by its number")]
    [InlineData("champion", "version 1: requested by its alias 'champion'")]
    public async Task InferAsync_ExplainRouting_GivesTheReason(string? asked, string why)
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", OnnxBuilder.Identity(TensorElementType.Float, -1, 1));

        Reply reply = await kit.InferAsync(
            "m", Row.Replace("\"id\":\"r\"", "\"parameters\":{\"explain_routing\":true}", StringComparison.Ordinal), asked);

        Assert.Equal(why, reply.Json.GetProperty("parameters").GetProperty("routing").GetString());
        Assert.Equal(1, kit.Log.Single().Version);
        Assert.Equal(64, reply.Json.GetProperty("parameters").GetProperty("version_digest").GetString()!.Length);
    }

    [Fact]
    public async Task InferAsync_ExplainRoutingOfASplit_NamesBucketAndShare()
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", OnnxBuilder.Identity(TensorElementType.Float, -1, 1));
        kit.Add("m", OnnxBuilder.Identity("other", TensorElementType.Float, -1, 1));
        kit.Change("m", head => head with { Split = new TrafficSplit(2, 30, Ids.Operation("op"), DateTimeOffset.UnixEpoch) });
        await kit.Router.RefreshAsync(TestContext.Current.CancellationToken);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => kit.InferAsync("m", Row, "2")));
        await kit.Router.RefreshAsync(TestContext.Current.CancellationToken);

        string routing = (
            await kit.InferAsync(
                "m",
                Row.Replace("\"id\":\"r\"", "\"parameters\":{\"explain_routing\":true,\"routing_key\":\"k\"}", StringComparison.Ordinal)))
            .Json.GetProperty("parameters").GetProperty("routing").GetString()!;

        Assert.Matches(@"^version [12]: bucket \d+ of 10000, of the routing_key: buckets below 3000 \(30 %\) go to candidate 2", routing);
    }
}
