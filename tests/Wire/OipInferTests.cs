using System.Buffers.Binary;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime.Tensors;
using Modeldrop.Manifests;
using Modeldrop.Predictions;
using Modeldrop.Tests.Scoring;
using Modeldrop.Wire.OpenInference;

namespace Modeldrop.Tests.Wire;

/// <summary>Behaviour that clients of the protocol rely on.</summary>
public sealed class OipInferTests
{
    [Fact]
    public async Task InferAsync_Json_AnswersWithAllMembersThatClientsRead()
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", OnnxBuilder.Identity(TensorElementType.Float, -1, 2));

        Reply reply = await kit.InferAsync("m",
            """
            {"id":"r-1 \u00e9\ud83d\ude00","model_name":"ignored","parameters":{"k":"v","n":1,"deep":{"a":[1,{"data":"NaN"}]}},
             "inputs":[{"name":"x","shape":[2,2],"datatype":"FP32","parameters":{"content_type":"np"},"data":[1.0,2.5,NaN,Infinity]}]}
            """);

        string id = kit.Log.Single().Id.ToString();
        Assert.Equal(200, reply.Status);
        Assert.Equal("application/json", reply.Headers.ContentType.ToString());
        Assert.Equal(reply.Body.Length, reply.Headers.ContentLength);
        Assert.Equal(id, reply.Headers["x-prediction-id"].ToString());
        Assert.False(reply.Headers.ContainsKey(OipCodec.HeaderLength));
        JsonElement json = reply.Json;
        Assert.Equal("m", json.GetProperty("model_name").GetString());
        Assert.Equal("1", json.GetProperty("model_version").GetString());
        Assert.Equal("r-1 é😀", json.GetProperty("id").GetString());
        Assert.Equal(id, json.GetProperty("parameters").GetProperty("prediction_id").GetString());
        Assert.Equal("champion", json.GetProperty("parameters").GetProperty("alias").GetString());
        Assert.Equal("""[{"name":"y","datatype":"FP32","shape":[2,2],"data":[1,2.5,null,null]}]""", json.GetProperty("outputs").GetRawText());
    }

    [Fact]
    public async Task InferAsync_DifferentNumbersOfRows_AreNamedByInput()
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync(
            "m", await File.ReadAllBytesAsync(Path.Combine(RepositoryFiles.Root, "tests", "Cases", "two.onnx"),
                TestContext.Current.CancellationToken));

        Reply reply = await kit.InferAsync("m", """
            {"inputs":[{"name":"income","shape":[2,1],"datatype":"FP32","data":[1,2]},{"name":"flag","shape":[3,1],"datatype":"FP32","data":[1,2,3]}]}
            """);

        Assert.Equal((400,
            "The inputs have different numbers of rows, which this model cannot score: 'income' has 2, 'flag' has 3. Send the same "
                + "number of rows for each input."),
            (reply.Status, reply.Error));
    }

    [Theory]
    [InlineData("[[1,2],[3,4]]")]
    [InlineData("[1,2,3,4]")]
    [InlineData(" [ [ 1 , 2 ] , \n [ 3.0 , 4e0 ] ] ")]
    public async Task InferAsync_FlatOrNested_GivesTheSame(string data)
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", OnnxBuilder.Identity(TensorElementType.Float, -1, 2));

        // The elements before and after the members that say how to read them.
        foreach (
            string input in new[] { "'name':'x','shape':[2,2],'datatype':'FP32','data':DATA", "'data':DATA,'datatype':'FP32','x':{'data':[1]},'shape':[2,2],'name':'x'" })
        {
            string body = $"{{'inputs':[{{{input}}}],'id':'behind'}}".Replace('\'', '"').Replace("DATA", data, StringComparison.Ordinal);
            Reply reply = await kit.InferAsync("m", body);

            Assert.True(reply.Status == 200, reply.Text);
            Assert.Equal("[1,2,3,4]", reply.Json.GetProperty("outputs")[0].GetProperty("data").GetRawText());
            Assert.Equal("behind", reply.Json.GetProperty("id").GetString());
        }
    }

    [Theory]
    [InlineData("[]", "5", "[5]")]
    [InlineData("[]", "[5]", "[5]")]
    [InlineData("[]", "NaN", "[null]")]
    public async Task InferAsync_Scalar_Works(string shape, string data, string expected)
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", OnnxBuilder.Identity(TensorElementType.Float));

        Reply reply = await kit.InferAsync("m", $$"""{"inputs":[{"name":"x","shape":{{shape}},"datatype":"FP32","data":{{data}}}]}""");

        Assert.Equal($$"""[{"name":"y","datatype":"FP32","shape":[],"data":{{expected}}}]""", reply.Json.GetProperty("outputs").GetRawText());
    }

    [Theory]
    [InlineData("[0,3]", "[]")]
    [InlineData("[2,0]", "[]")]
    [InlineData("[2,0]", "[[],[]]")]
    [InlineData("[0,0]", "[]")]
    public async Task InferAsync_NoElements_Works(string shape, string data)
    {
        foreach (TensorElementType type in new[] { TensorElementType.Float, TensorElementType.String })
        {
            using ScoringKit kit = await ScoringKit.WithChampionAsync("m", OnnxBuilder.Identity(type, -1, -1));
            string datatype = type == TensorElementType.Float ? "FP32" : "BYTES";

            Reply reply = await kit.InferAsync("m", $$$"""{"inputs":[{"name":"x","shape":{{{shape}}},"datatype":"{{{datatype}}}","data":{{{data}}}}],"parameters":{"binary_data_output":true}}""");

            Assert.True(reply.Status == 200, reply.Text);
            Assert.Equal($$"""[{"name":"y","datatype":"{{datatype}}","shape":{{shape}},"data":[]}]""", reply.Json.GetProperty("outputs").GetRawText());
        }
    }

    [Fact]
    public async Task InferAsync_Strings_KeepEveryCharacter()
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", OnnxBuilder.Identity(TensorElementType.String, -1));
        string[] texts = ["", "é", "😀", "\u0001\t\n\"\\/", "NaN, Infinity", "a]}\"", "\u2028\uFFFD", "Zoë\u0000x"];

        Reply reply = await kit.InferAsync("m", $$"""{"inputs":[{"name":"x","shape":[{{texts.Length}}],"datatype":"BYTES","data":{{JsonSerializer.Serialize(texts)}}}]}""");

        Assert.Equal(texts, reply.Json.GetProperty("outputs")[0].GetProperty("data").EnumerateArray().Select(text => text.GetString()));
    }

    [Fact]
    public async Task InferAsync_RequestedOutputs_AreInTheirOrder()
    {
        byte[] onnx = new OnnxBuilder().Input("x", TensorElementType.Float, -1)
            .Output(
                "a", OnnxBuilder.TensorType(TensorElementType.Float, -1)).Output("b", OnnxBuilder.TensorType(TensorElementType.Float, -1))
            .Node("Identity", ["x"], ["a"]).Node("Neg", ["x"], ["b"]).Build();
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", onnx);

        Reply reply = await kit.InferAsync("m", """{"inputs":[{"name":"x","shape":[1,1],"datatype":"FP32","data":[7]}],"outputs":[{"name":"b"},{"name":"a","parameters":{"binary_data":true}}]}""");

        int header = int.Parse(reply.Headers[OipCodec.HeaderLength].ToString(), System.Globalization.CultureInfo.InvariantCulture);
        JsonElement outputs = JsonDocument.Parse(reply.Body.AsMemory(0, header)).RootElement.GetProperty("outputs");
        Assert.Equal("application/octet-stream", reply.Headers.ContentType.ToString());
        Assert.Equal("""[{"name":"b","datatype":"FP32","shape":[1],"data":[-7]},{"name":"a","datatype":"FP32","shape":[1],"parameters":{"binary_data_size":4}}]""", outputs.GetRawText());
        Assert.Equal(7, BinaryPrimitives.ReadSingleLittleEndian(reply.Body.AsSpan(header)));
        Assert.Equal(["a", "b"], kit.Log.Single().Outputs.Select(output => output.Name));
    }

    [Fact]
    public async Task InferAsync_HeaderLengthZero_IsRawBinary()
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", OnnxBuilder.Identity(TensorElementType.Int16, -1, 2));

        Reply reply = await kit.InferAsync("m", [1, 0, 2, 0, 3, 0, 255, 255], null, (OipCodec.HeaderLength, "0"));
        Reply odd = await kit.InferAsync("m", [1, 0, 2, 0, 3, 0], null, (OipCodec.HeaderLength, "0"));

        int header = int.Parse(reply.Headers[OipCodec.HeaderLength].ToString(), System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal([1, 0, 2, 0, 3, 0, 255, 255], reply.Body[header..]);
        Assert.Equal(
            "[2,2]",
            JsonDocument.Parse(reply.Body.AsMemory(0, header)).RootElement.GetProperty("outputs")[0].GetProperty("shape").GetRawText());
        Assert.Equal(400, odd.Status);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("1000000")]
    [InlineData("99999999999999")]
    public async Task InferAsync_HeaderLengthWrong_Is400(string length)
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", OnnxBuilder.Identity(TensorElementType.Float, -1));

        Assert.Equal(400, (await kit.InferAsync("m", "{}", null, (OipCodec.HeaderLength, length))).Status);
    }

    [Theory]
    [InlineData(7)]
    [InlineData(9)]
    [InlineData(12)]
    public async Task InferAsync_BinaryOfWrongLength_Is400(int bytes)
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", OnnxBuilder.Identity(TensorElementType.Float, -1));
        byte[] json = """{"inputs":[{"name":"x","shape":[2],"datatype":"FP32","parameters":{"binary_data_size":8}}]}"""u8.ToArray();

        Reply reply = await kit.InferAsync("m", [.. json, .. new byte[bytes]], null, (OipCodec.HeaderLength, $"{json.Length}"));

        Assert.Equal(400, reply.Status);
        Assert.Contains("binary", reply.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2026-01-31T12:00:00Z", "2026-01-31T12:00:00.0000000+00:00")]
    [InlineData("2026-01-31t12:00:00.123456789z", "2026-01-31T12:00:00.1234567+00:00")]
    [InlineData("2026-01-31 12:00:00.5+02:00", "2026-01-31T12:00:00.5000000+02:00")]
    public async Task InferAsync_EventTime_IsThatOfTheRecord(string text, string expected)
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", OnnxBuilder.Identity(TensorElementType.Float, -1));

        await kit.InferAsync("m", $$"""{"id":"i","parameters":{"event_time":"{{text}}"},"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[7]}]}""");

        ScoredRequest record = kit.Log.Single();
        Assert.Equal(expected, record.EventTime.ToString("O"));
        Assert.Equal(("m", 1, "champion", "i"), (record.Model.Value, record.Version, record.Alias, record.RequestId));
        Assert.Equal([7f], System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(record.Inputs.Single().Data.Span).ToArray());
    }

    [Theory]
    [InlineData(LoggingMode.Off, 1.0, 0, 0)]
    [InlineData(LoggingMode.Buffered, 0.0, 0, 0)]
    [InlineData(LoggingMode.Buffered, 1.0, 2000, 2000)]
    [InlineData(LoggingMode.Buffered, 0.25, 420, 580)]
    public async Task InferAsync_LoggingPolicy_IsFollowed(LoggingMode mode, double sample, int atLeast, int atMost)
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync(
            "m", OnnxBuilder.Identity(TensorElementType.Float, -1), new LoggingPolicy { Mode = mode, Sample = sample });
        for (int i = 0; i < 2000; i++)
        {
            Assert.True((await kit.InferAsync("m", """{"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[7]}]}""")).Headers.ContainsKey("x-prediction-id"));
        }

        Assert.InRange(kit.Log.Count, atLeast, atMost);
    }

    [Fact]
    public async Task InferAsync_GraphRefusesTheValue_Is400WithItsReason()
    {
        byte[] onnx = new OnnxBuilder().Input("i", TensorElementType.Int64, -1).Initializer("table", [1, 2, 3], 3)
            .Output("y", OnnxBuilder.TensorType(TensorElementType.Float, -1)).Node("Gather", ["table", "i"], ["y"]).Build();
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", onnx);

        Reply good = await kit.InferAsync("m", """{"inputs":[{"name":"i","shape":[1],"datatype":"INT64","data":[2]}]}""");
        Reply bad = await kit.InferAsync("m", """{"inputs":[{"name":"i","shape":[1],"datatype":"INT64","data":[5]}]}""");

        Assert.Equal(200, good.Status);
        Assert.Equal(400, bad.Status);
        Assert.StartsWith("The model cannot score this input: ", bad.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(".cc", bad.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("ErrorCode", bad.Error, StringComparison.Ordinal);
    }
}
