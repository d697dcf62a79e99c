using System.Text;
using Microsoft.ML.OnnxRuntime.Tensors;
using Modeldrop.Tests.Scoring;

namespace Modeldrop.Tests.Wire;

/// <summary>Every invalid request is a 400 with <c>{"error"}</c> that names the problem.</summary>
public sealed class OipMalformedTests
{
    private const string Good = """{"name":"x","shape":[2],"datatype":"FP32","data":[1,2]}""";

    [Theory]
    [InlineData("", "not valid JSON")]
    [InlineData("   ", "not valid JSON")]
    [InlineData("{", "not valid JSON")]
    [InlineData("nonsense", "not valid JSON")]
    [InlineData("[]", "must be a JSON object")]
    [InlineData("5", "must be a JSON object")]
    [InlineData("{}", "'inputs' is missing")]
    [InlineData("""{"\ud800":1,"inputs\ud800":2}""", "'inputs' is missing")]
    [InlineData("""{"inputs":5}""", "inputs must be an array")]
    [InlineData("""{"inputs":[5]}""", "inputs[0] must be an object")]
    [InlineData("""{"inputs":[]}""", "'x' (FP32 [-1]) is missing")]
    [InlineData("""{"inputs":[{}]}""", "inputs[0] has no name. inputs[0] has no datatype. inputs[0] has no shape. inputs[0] has neither")]
    [InlineData("""{"inputs":[GOOD]} x""", "not valid JSON")]
    [InlineData("""{"inputs":[GOOD]}{}""", "not valid JSON")]
    [InlineData("""{"inputs":[GOOD],}""", "not valid JSON")]
    [InlineData("""{"inputs":[GOOD],"id":5}""", "id must be a string")]
    [InlineData("""{"inputs":[GOOD],"id":"\ud800"}""", "id is not valid Unicode")]
    [InlineData("""{"inputs":[GOOD],"parameters":[]}""", "parameters must be an object")]
    [InlineData("""{"inputs":[GOOD],"parameters":{"event_time":"yesterday"}}""", "'yesterday' is not an RFC 3339 instant")]
    [InlineData("""{"inputs":[GOOD],"parameters":{"event_time":"2026-01-01T00:00:00"}}""", "not an RFC 3339 instant")]
    [InlineData("""{"inputs":[GOOD],"parameters":{"event_time":5}}""", "event_time must be a string")]
    [InlineData("""{"inputs":[GOOD],"parameters":{"routing_key":{}}}""", "routing_key must be a string")]
    [InlineData("""{"inputs":[GOOD],"parameters":{"binary_data_output":"yes"}}""", "must be true or false")]
    [InlineData("""{"inputs":[GOOD],"outputs":{}}""", "outputs must be an array")]
    [InlineData("""{"inputs":[GOOD],"outputs":[{}]}""", "outputs[0] has no name")]
    [InlineData("""{"inputs":[GOOD],"outputs":[{"name":"z"}]}""", "no output 'z'; it has 'y'")]
    [InlineData("""{"inputs":[GOOD],"outputs":[{"name":"y"},{"name":"y"}]}""", "requested more than once")]
    [InlineData("""{"inputs":[GOOD],"outputs":[{"name":"y","parameters":{"classification":2}}]}""", "'classification'")]
    [InlineData(
        """{"inputs":[GOOD],"outputs":[{"name":"y","parameters":{"shared_memory_region":"r","shared_memory_byte_size":8}}]}""",
        "outputs[0] is requested in shared memory")]
    [InlineData("""{"inputs":[GOOD],"outputs":[null]}""", "outputs[0] must be an object")]
    [InlineData("""{"inputs":null}""", "'inputs' is missing")]
    [InlineData("""{"inputs":[GOOD,GOOD]}""", "'x' appears more than once")]
    [InlineData("""{"inputs":[GOOD,{"name":"z","shape":[1],"datatype":"FP32","data":[1]}]}""", "no input 'z'")]
    public Task Envelope_Wrong_Is400(string body, string error) =>
        AssertRefusedAsync(body.Replace("GOOD", Good, StringComparison.Ordinal), error);

    [Theory]
    [InlineData("outputs")]
    [InlineData("inputs")]
    public async Task Envelope_ThousandsOfUnknownNames_NamesNineteenAndCountsTheOthers(string member)
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", OnnxBuilder.Identity(TensorElementType.Float, -1));

        Reply reply = await kit.InferAsync("m", WithNames(member, 8_000));

        Assert.Equal(400, reply.Status);
        Assert.Contains("'n18'", reply.Error, StringComparison.Ordinal);
        Assert.EndsWith(" And 7981 more.", reply.Error, StringComparison.Ordinal);
        Assert.InRange(reply.Body.Length, 1, 8 * 1024);
    }

    [Theory]
    [InlineData("outputs")]
    [InlineData("inputs")]
    public Task Envelope_MoreNamesThanAnyModelHas_IsRefused(string member) =>
        AssertRefusedAsync(WithNames(member, 40_000), $"The request has more than 8192 {member}.");

    /// <summary>Windows by event time end now. A caller's clock may be slightly ahead.</summary>
    [Theory]
    [InlineData(4, 200)]
    [InlineData(7, 400)]
    public async Task EventTime_AheadOfTheClock_IsRefusedFromFiveMinutesOn(int minutes, int status)
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", OnnxBuilder.Identity(TensorElementType.Float, -1));
        string time = TimeProvider.System.GetUtcNow().AddMinutes(minutes).ToString("O");

        Reply reply = await kit.InferAsync("m", $$$"""{"inputs":[{{{Good}}}],"parameters":{"event_time":"{{{time}}}"}}""");

        Assert.Equal(status, reply.Status);
        Assert.Equal(status == 400, reply.Text.Contains("is in the future", StringComparison.Ordinal));
    }

    private static string WithNames(string member, int count) => member == "outputs"
        ? $$"""{"inputs":[{{Good}}],"outputs":[{{string.Join(",", Enumerable.Range(0, count).Select(index => $$"""{"name":"n{{index}}"}"""))}}]}"""
        : $$"""{"inputs":[{{Good}},{{string.Join(",", Enumerable.Range(0, count).Select(index => $$"""{"name":"n{{index}}","shape":[0],"datatype":"FP32","data":[]}"""))}}]}""";

    [Theory]
    [InlineData("""{"name":"bias","shape":null,"datatype":"FP32","data":[5]}""", "input 'bias' has no shape")]
    [InlineData("""{"name":"bias","shape":[1],"datatype":"FP32","data":null}""", "input 'bias' has neither")]
    [InlineData("""{"name":"bias","shape":[1],"datatype":null,"data":[5]}""", "input 'bias' has no datatype")]
    public async Task OptionalInput_WithANullMember_IsRefused(string bias, string error)
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", new OnnxBuilder()
            .Input("x", TensorElementType.Float, -1).Input("bias", TensorElementType.Float, 1).Initializer("bias", [10], 1)
            .Output("y", OnnxBuilder.TensorType(TensorElementType.Float, -1)).Node("Add", ["x", "bias"], ["y"]).Build(),
            declared: ScoringKit.Declared("bias"));

        Reply reply = await kit.InferAsync("m", $$"""{"inputs":[{{Good}},{{bias}}]}""");

        Assert.Equal(400, reply.Status);
        Assert.Contains(error, reply.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"name":"x","shape":[2],"datatype":"FP32"}""", "neither 'data' nor 'binary_data_size'")]
    [InlineData("""{"name":"x","shape":null,"datatype":"FP32","data":[1,2]}""", "input 'x' has no shape")]
    [InlineData("""{"name":"x","shape":[1],"datatype":"FP32","data":null}""", "neither 'data' nor 'binary_data_size'")]
    [InlineData("""{"name":"x","data":null,"shape":[1],"datatype":"FP32"}""", "neither 'data' nor 'binary_data_size'")]
    [InlineData("""{"name":"x","shape":[2],"datatype":"FLOAT","data":[1,2]}""", "datatype 'FLOAT'")]
    [InlineData("""{"name":"x","shape":[2],"datatype":"fp32","data":[1,2]}""", "datatype 'fp32'")]
    [InlineData("""{"name":"x","shape":[2],"datatype":"INT64","data":[1,2]}""", "is INT64; the model takes FP32")]
    [InlineData("""{"name":"x","shape":[3],"datatype":"FP32","data":[1,2]}""", "shape [3] has 3 elements, the data 2")]
    [InlineData("""{"name":"x","shape":[1],"datatype":"FP32","data":[1,2]}""", "shape [1] has 1 elements, the data 2")]
    [InlineData("""{"name":"x","shape":[-1],"datatype":"FP32","data":[1,2]}""", "integers from 0")]
    [InlineData("""{"name":"x","shape":[1.5],"datatype":"FP32","data":[1,2]}""", "integers from 0")]
    [InlineData("""{"name":"x","shape":["2"],"datatype":"FP32","data":[1,2]}""", "integers from 0")]
    [InlineData("""{"name":"x","shape":[[2]],"datatype":"FP32","data":[1,2]}""", "integers from 0")]
    [InlineData("""{"name":"x","shape":"2","datatype":"FP32","data":[1,2]}""", "shape must be an array")]
    [InlineData("""{"name":"x","shape":[99999999999999999999],"datatype":"FP32","data":[1,2]}""", "integers from 0")]
    [InlineData("""{"name":"x","shape":[2000000,2000000],"datatype":"FP32","data":[1,2]}""", "product below 2^31")]
    [InlineData("""{"name":"x","shape":[0,9223372036854775807],"datatype":"FP32","data":[]}""", "product below 2^31")]
    [InlineData("""{"name":"x","shape":[2000000000],"datatype":"FP32","data":[1,2]}""", "more than the body holds")]
    [InlineData("""{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}""", "shape [1,2]; the model takes [-1]")]
    [InlineData("""{"name":"x","shape":[2,1],"datatype":"FP32","data":[[1],[2,3]]}""", "nesting")]
    [InlineData("""{"name":"x","shape":[2,1],"datatype":"FP32","data":[[1,2]]}""", "nesting")]
    [InlineData("""{"name":"x","shape":[2],"datatype":"FP32","data":[[1],[2]]}""", "nesting")]
    [InlineData("""{"name":"x","shape":[2,1],"datatype":"FP32","data":[[[1]],[[2]]]}""", "nesting")]
    [InlineData("""{"name":"x","shape":[2,1],"datatype":"FP32","data":[1,[2]]}""", "nesting")]
    [InlineData("""{"name":"x","shape":[2],"datatype":"FP32","data":[1,"2"]}""", "element 1 (\"2\") is not a valid FP32")]
    [InlineData("""{"name":"x","shape":[2],"datatype":"FP32","data":[1,true]}""", "element 1 (true)")]
    [InlineData("""{"name":"x","shape":[2],"datatype":"FP32","data":[1,{"a":[1,"]"]}]}""", "element 1")]
    [InlineData("""{"name":"x","shape":[2],"datatype":"FP32","data":[1,1e39]}""", "element 1 (1e39) is not a valid FP32")]
    [InlineData("""{"name":"x","shape":[2],"datatype":"FP32","data":"12"}""", "is not a valid FP32")]
    [InlineData("""{"name":"x","shape":[2],"datatype":"FP32","data":[1,]}""", "not valid JSON")]
    [InlineData("""{"name":"x","shape":[2],"datatype":"FP32","data":[,1]}""", "not valid JSON")]
    [InlineData("""{"name":"x","shape":[2],"datatype":"FP32","data":[1 2]}""", "not valid JSON")]
    [InlineData("""{"name":"x","shape":[2],"datatype":"FP32","data":[01,2]}""", "not valid JSON")]
    [InlineData("""{"name":"x","shape":[2],"datatype":"FP32","data":[+1,2]}""", "not valid JSON")]
    [InlineData("""{"name":"x","shape":[2],"datatype":"FP32","data":[.5,2]}""", "not valid JSON")]
    [InlineData("""{"name":"x","shape":[2],"datatype":"FP32","data":[1.,2]}""", "not valid JSON")]
    [InlineData("""{"name":"x","shape":[2],"datatype":"FP32","data":[1e,2]}""", "not valid JSON")]
    [InlineData("""{"name":"x","shape":[2],"datatype":"FP32","data":[nan,2]}""", "not valid JSON")]
    [InlineData("""{"name":"x","shape":[2],"datatype":"FP32","data":[Inf,2]}""", "not valid JSON")]
    [InlineData("""{"name":"x","shape":[2],"datatype":"FP32","data":[1,2}""", "not valid JSON")]
    [InlineData("""{"name":"x","shape":[2],"datatype":"FP32","data":[1,2]]}""", "not valid JSON")]
    [InlineData("""{"name":"x","shape":[2],"datatype":"FP32","data":[1,2]5}""", "not valid JSON")]
    [InlineData("""{"name":"x","shape":[2],"datatype":"FP32","data":}""", "not valid JSON")]
    [InlineData("""{"name":"x","shape":[2],"datatype":"FP32","data":[1,2],"parameters":{"binary_data_size":8}}""", "'data' and 'binary_data_size'")]
    [InlineData("""{"name":"x","shape":[2],"datatype":"FP32","parameters":{"binary_data_size":-8}}""", "integer from 0")]
    [InlineData(
        """{"name":"x","shape":[2],"datatype":"FP32","parameters":{"binary_data_size":8}}""",
        "announces 8 binary bytes, but only 0 are left")]
    [InlineData("""{"name":"x","shape":[2],"datatype":"FP32","parameters":{"shared_memory_region":"r"}}""", "shared memory")]
    public Task Input_Wrong_Is400(string input, string error) => AssertRefusedAsync($$"""{"inputs":[{{input}}]}""", error);

    [Theory]
    [InlineData("UINT8", "256", "-1", "1.5", "null", "true", "\"1\"", "1e3", "0.5e-1", "99999999999999999999999")]
    [InlineData("UINT16", "65536", "-1")]
    [InlineData("UINT32", "4294967296", "-1")]
    [InlineData("UINT64", "18446744073709551616", "-1", "1e20", "18446744073709551615.5")]
    [InlineData("INT8", "128", "-129")]
    [InlineData("INT16", "32768", "-32769")]
    [InlineData("INT32", "2147483648", "-2147483649")]
    [InlineData("INT64", "9223372036854775808", "-9223372036854775809", "NaN", "1.5", "9223372036854775807.5", "1e-1", "1e19")]
    [InlineData("FP16", "65520", "1e9", "\"nan\"", "false")]
    [InlineData("BF16", "3.4e38", "1e39")]
    [InlineData("FP32", "3.5e38", "-1e99999999999", "1e400")]
    [InlineData("FP64", "1.8e308", "-1e400", "{}")]
    [InlineData("BOOL", "2", "null", "\"true\"", "-1", "0.5", "2.0")]
    [InlineData("BYTES", "1", "null", "true", "\"\\ud83d\"", "\"\\udc00x\"")]
    public async Task Element_BeyondItsDatatype_Is400AndNamed(string datatype, params string[] elements)
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", OnnxBuilder.Identity(TensorElementType.Float, -1));
        foreach (string element in elements)
        {
            Reply reply = await kit.InferAsync("m", $$"""{"inputs":[{"name":"x","shape":[1],"datatype":"{{datatype}}","data":[{{element}}]}]}""");

            Assert.True(reply.Status == 400, $"{element}: {reply.Text}");
            Assert.Contains($"is not a valid {datatype}", reply.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task InferAsync_ManyViolations_NamesThemAll()
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", OnnxBuilder.Identity(TensorElementType.Float, -1));

        Reply reply = await kit.InferAsync("m",
            """{"id":1,"inputs":[{"name":"a","shape":[1],"datatype":"FP32","data":["q"]},{"name":"b","shape":[1],"datatype":"FP32","data":[1]}],"outputs":[{"name":"w"}]}""");

        Assert.Equal(400, reply.Status);
        foreach (
            string part in new[] { "id must be", "input 'a'", "no input 'a'", "no input 'b'", "'x' (FP32 [-1]) is missing", "no output 'w'" })
        {
            Assert.Contains(part, reply.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task InferAsync_EveryPrefixAndEveryByteChanged_IsNeverAServerError()
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", OnnxBuilder.Identity(TensorElementType.Float, -1));
        byte[] body = Encoding.UTF8.GetBytes(
            """{"id":"\u00e9","model_name":"m","inputs":[{"data":[1,NaN,[2],-Infinity],"name":"x","shape":[4],"datatype":"FP32"}],"parameters":{"a":"\\\"","event_time":"2026-01-01T00:00:00Z"}}""");
        var random = new Random(7);
        for (int i = 0; i < 6_000; i++)
        {
            byte[] changed = i < body.Length ? body[..i] : [.. body];
            for (int j = 0; i >= body.Length && j < 1 + (i % 3); j++)
            {
                changed[random.Next(changed.Length)] = random.Next(2) == 0
                    ? (byte)random.Next(256)
                    : (byte)"[]{},:\"\\0N-e. "[random.Next(14)];
            }

            Reply reply = await kit.InferAsync("m", changed);

            Assert.True(reply.Status is 200 or 400, $"{reply.Status} for {Encoding.Latin1.GetString(changed)}: {reply.Text}");
        }
    }

    private static async Task AssertRefusedAsync(string body, string error)
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", OnnxBuilder.Identity(TensorElementType.Float, -1));

        Reply reply = await kit.InferAsync("m", body);

        Assert.Equal((400, "application/json"), (reply.Status, reply.Headers.ContentType.ToString()));
        Assert.Contains(error, reply.Error, StringComparison.Ordinal);
        Assert.All(kit.Log, record => Assert.Equal(reply.Error, record.Error));
    }
}
