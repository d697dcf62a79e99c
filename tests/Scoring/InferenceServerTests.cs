using System.Text;
using Microsoft.ML.OnnxRuntime.Tensors;
using Modeldrop.Registry;
using Modeldrop.Tensors;
using Modeldrop.Wire.OpenInference;

namespace Modeldrop.Tests.Scoring;

/// <summary>Metadata answers, exactly as clients compare them.</summary>
public sealed class InferenceServerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Health_TheRegistryIsRead_BecomesReady()
    {
        using var kit = new ScoringKit();
        Reply live = await ScoringKit.AskAsync(http => kit.Server.WriteLiveAsync(http, Cancellation));
        Reply notReady = await ScoringKit.AskAsync(http => kit.Server.WriteReadyAsync(http, Cancellation));
        await kit.Router.RefreshAsync(Cancellation);
        Reply ready = await ScoringKit.AskAsync(http => kit.Server.WriteReadyAsync(http, Cancellation));

        Assert.Equal((200, """{"live":true,"ready":false}"""), (live.Status, live.Text));
        Assert.Equal((503, """{"live":true,"ready":false}"""), (notReady.Status, notReady.Text));
        Assert.Equal((200, """{"live":true,"ready":true}"""), (ready.Status, ready.Text));
    }

    [Fact]
    public async Task Server_Metadata_HasNameVersionAndExtensions()
    {
        using var kit = new ScoringKit();

        Reply reply = await ScoringKit.AskAsync(http => kit.Server.WriteMetadataAsync(http, Cancellation));

        Assert.Equal("""{"name":"modeldrop","version":"0.1.0","extensions":["binary_tensor_data","model_configuration","statistics"]}""", reply.Text);
        Assert.Equal("application/json", reply.Headers.ContentType.ToString());
    }

    [Fact]
    public async Task ConfigAndStats_FollowTriton()
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", OnnxBuilder.Identity(TensorElementType.String, -1, 3));
        kit.Add("m", OnnxBuilder.Identity(TensorElementType.Float, -1), VersionStatus.Validated);
        await kit.Router.RefreshAsync(Cancellation);
        Reply config = await ScoringKit.AskAsync(http => kit.Server.WriteConfigAsync(http, "m", null, Cancellation));
        Reply fresh = await ScoringKit.AskAsync(http => kit.Server.WriteStatsAsync(http, "m", "1", Cancellation));
        for (int request = 0; request < 3; request++)
        {
            await kit.InferAsync("m", """{"inputs":[{"name":"x","shape":[2,3],"datatype":"BYTES","data":["a","b","c","d","e","f"]}]}""");
        }

        await kit.InferAsync("m", """{"inputs":[]}""");
        Reply all = await ScoringKit.AskAsync(http => kit.Server.WriteStatsAsync(http, "m", null, Cancellation));
        Reply server = await ScoringKit.AskAsync(http => kit.Server.WriteAllStatsAsync(http, _ => true, Cancellation));
        Reply unseen = await ScoringKit.AskAsync(http => kit.Server.WriteAllStatsAsync(http, _ => false, Cancellation));
        Reply nobody = await ScoringKit.AskAsync(http => kit.Server.WriteStatsAsync(http, "m", "9", Cancellation));

        Assert.Equal(
            """{"name":"m","platform":"onnx_onnxv1","backend":"onnxruntime","max_batch_size":0,"input":[{"name":"x","data_type":"TYPE_STRING","dims":[-1,3]}],"output":[{"name":"y","data_type":"TYPE_STRING","dims":[-1,3]}]}""",
            config.Text);
        Assert.Equal((404, 0), (nobody.Status, fresh.Json.GetProperty("model_stats")[0].GetProperty("inference_stats").GetProperty(
            "success").GetProperty("count").GetInt32()));
        Assert.Equal(["1", "2"], all.Json.GetProperty("model_stats").EnumerateArray().Select(one => one.GetProperty(
            "version").GetString()));
        Assert.Equal(all.Text, server.Text);
        Assert.Equal("""{"model_stats":[]}""", unseen.Text);
        var first = all.Json.GetProperty("model_stats")[0];
        Assert.Equal((6, 3), (first.GetProperty("inference_count").GetInt32(), first.GetProperty("execution_count").GetInt32()));
        Assert.True(first.GetProperty("last_inference").GetInt64() > 0);
        var times = first.GetProperty("inference_stats");
        Assert.Equal((3, 0), (times.GetProperty("success").GetProperty("count").GetInt32(), times.GetProperty("fail").GetProperty(
            "count").GetInt32()));
        // perf_analyzer reads them without checking that they exist.
        Assert.All(["cache_hit", "cache_miss"], name => Assert.Equal("""{"count":0,"ns":0}""", times.GetProperty(name).GetRawText()));
        Assert.Equal(times.GetProperty("success").GetProperty("ns").GetInt64(),
            times.GetProperty("queue").GetProperty("ns").GetInt64() + times.GetProperty("compute_infer").GetProperty("ns").GetInt64());
    }

    [Fact]
    public async Task Model_Registered_HasMetadataReadinessAndAnIndexEntry()
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", OnnxBuilder.Identity(TensorElementType.String, -1, 3));
        kit.Add("m", [1, 2, 3], VersionStatus.Rejected);
        kit.Add("m", OnnxBuilder.Identity(TensorElementType.Float), VersionStatus.Validated);
        kit.Add("other", OnnxBuilder.Identity(TensorElementType.Float), VersionStatus.Registered);
        await kit.Router.RefreshAsync(Cancellation);

        Reply metadata = await ScoringKit.AskAsync(http => kit.Server.WriteModelAsync(http, "m", null, Cancellation));
        Reply third = await ScoringKit.AskAsync(http => kit.Server.WriteModelAsync(http, "m", "3", Cancellation));
        Reply unknown = await ScoringKit.AskAsync(http => kit.Server.WriteModelAsync(http, "m", "9", Cancellation));
        Reply ready = await ScoringKit.AskAsync(http => kit.Server.WriteModelReadyAsync(http, "m", null, Cancellation));
        Reply waiting = await ScoringKit.AskAsync(http => kit.Server.WriteModelReadyAsync(http, "other", "1", Cancellation));
        Reply nobody = await ScoringKit.AskAsync(http => kit.Server.WriteModelReadyAsync(http, "nobody", null, Cancellation));
        Reply models = await ScoringKit.AskAsync(http => kit.Server.WriteModelsAsync(http, _ => true, Cancellation));

        Assert.Equal(
            """{"name":"m","versions":["1","3"],"platform":"onnx_onnxv1","inputs":[{"name":"x","datatype":"BYTES","shape":[-1,3]}],"outputs":[{"name":"y","datatype":"BYTES","shape":[-1,3]}]}""",
            metadata.Text);
        Assert.Equal("FP32", third.Json.GetProperty("inputs")[0].GetProperty("datatype").GetString());
        Assert.Equal((404, "Model 'm' has no version 9."), (unknown.Status, unknown.Error));
        Assert.Equal((200, """{"name":"m","ready":true}"""), (ready.Status, ready.Text));
        Assert.Equal((503, """{"name":"other","ready":false}"""), (waiting.Status, waiting.Text));
        Assert.Equal(404, nobody.Status);
        Assert.Equal("""{"models":["m"]}""", models.Text);
    }

    [Fact]
    public void TensorMetadata_UnknownRank_IsNotAScalar()
    {
        var spec = new TensorSpec("x", Datatype.Fp32, []);

        string Text(TensorSpec of) => System.Text.Json.JsonSerializer.Serialize(
            TensorMetadata.Of(of), Modeldrop.Storage.StoredJson.Options);

        Assert.Equal("""{"name":"x","datatype":"FP32","shape":[]}""", Text(spec));
        Assert.Equal("""{"name":"x","datatype":"FP32","shape":null}""", Text(spec with { UnknownRank = true }));
    }

    [Theory]
    [InlineData("", 3)]
    [InlineData("{}", 3)]
    [InlineData("""{"ready":true}""", 2)]
    [InlineData("{", -1)]
    public async Task Index_EmptyBodyOrReady_ListsVersions(string body, int count)
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", OnnxBuilder.Identity(TensorElementType.Float, -1));
        kit.Add("m", [1, 2, 3], VersionStatus.Rejected);
        kit.Add("m", OnnxBuilder.Identity(TensorElementType.Float, -1), VersionStatus.Validated);
        await kit.Router.RefreshAsync(Cancellation);

        Reply reply = await ScoringKit.AskAsync(
            http => kit.Server.WriteIndexAsync(http, _ => true, Cancellation), Encoding.UTF8.GetBytes(body));

        if (count < 0)
        {
            Assert.Equal(400, reply.Status);
            return;
        }

        Assert.Equal(count, reply.Json.GetArrayLength());
        Assert.Equal("""{"name":"m","version":"1","state":"READY","reason":""}""", reply.Json[0].GetRawText());
    }
}
