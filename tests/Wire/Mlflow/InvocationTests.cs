using System.Text;
using Microsoft.ML.OnnxRuntime.Tensors;
using Modeldrop.Tests.Scoring;

namespace Modeldrop.Tests.Wire.Mlflow;

/// <summary>Requests and answers of clients of MLflow's scoring protocol.</summary>
public sealed class InvocationTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("""{"dataframe_split":{"columns":["n","a","ignored"],"index":[7,8],"data":[[1,1.5,"z"],[2,NaN,null]]},"params":{"t":0.5}}""")]
    [InlineData("""{"dataframe_records":[{"a":1.5,"n":1},{"n":2}]}""")]
    [InlineData("""{"dataframe_records":[{"a":1.5,"n":1},{"n":2.0,"a":null}]}""")]
    public async Task InvokeAsync_Frame_AnswersOneRecordPerRow(string body)
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", TwoColumns());

        Reply reply = await InvokeAsync(kit, body);

        Assert.Equal((200, """{"predictions":[{"y":1.5,"m":1},{"y":null,"m":2}]}"""), (reply.Status, reply.Text));
        Assert.Equal(kit.Log.Single().Id.ToString(), reply.Headers["x-prediction-id"].ToString());
        Assert.Equal([2, 1], kit.Log.Single().Inputs[0].Shape);
    }

    [Theory]
    [InlineData("""{"dataframe_split":{"columns":["width (cm)","id","length (cm)"],"data":[[2,"a",1],[4,"b",3]]}}""")]
    [InlineData("""{"dataframe_records":[{"length (cm)":1,"width (cm)":2},{"width (cm)":4,"length (cm)":3}]}""")]
    [InlineData("""{"instances":[[1,2],[3,4]]}""")]
    [InlineData("""{"inputs":{"x":[[1,2],[3,4]]}}""")]
    [InlineData("""{"dataframe_split":{"columns":["x_0","x_1"],"data":[[1,2],[3,4]]}}""")]
    public async Task InvokeAsync_NamedColumnsOfAWideInput_FeedIt(string body)
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync(
            "m", OnnxBuilder.Identity(TensorElementType.Float, -1, 2), declared: ScoringKit.Declared("x", "length (cm)", "width (cm)"));

        Reply reply = await InvokeAsync(kit, body);

        Assert.True(reply.Status == 200, reply.Text);
        Assert.Equal([1f, 2, 3, 4], System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(
            kit.Log.Single().Inputs[0].Data.Span).ToArray());
        Assert.Contains("column 'width (cm)' is missing", (await InvokeAsync(kit, """{"dataframe_records":[{"length (cm)":1,"x_0":2}]}""")).Text,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task InvokeAsync_Scalar_UsesTheOneValueOfItsColumn()
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync(
            "m", await File.ReadAllBytesAsync(Path.Combine(RepositoryFiles.Root, "tests", "Cases", "scalar.onnx"), Token));

        Reply one = await InvokeAsync(kit, """{"dataframe_split":{"columns":["x_0","x_1","t"],"data":[[1,2,3],[4,5,3]]}}""");
        Reply several = await InvokeAsync(kit, """{"dataframe_split":{"columns":["x_0","x_1","t"],"data":[[1,2,3],[4,5,4]]}}""");

        Assert.Equal("""{"predictions":[{"y":[3,6]},{"y":[12,15]}]}""", one.Text);
        Assert.Contains("Input 't' is a scalar and takes one value a request", several.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task InvokeAsync_Csv_IsAFrame()
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", TwoColumns());

        Reply reply = await InvokeAsync(kit, "n,a\n1,1.5\n2,\n", "text/csv; charset=utf-8");

        Assert.Equal("""{"predictions":[{"y":1.5,"m":1},{"y":null,"m":2}]}""", reply.Text);
    }

    [Theory]
    [InlineData("""{"inputs":{"a":[1.5,-Infinity],"n":[1,2]}}""", """{"predictions":{"y":[[1.5],[null]],"m":[1,2]}}""")]
    [InlineData("""{"inputs":{"a":1.5,"n":1}}""", """{"predictions":{"y":[[1.5]],"m":[1]}}""")]
    [InlineData("""{"instances":[{"a":1.5,"n":1}]}""", """{"predictions":{"y":[[1.5]],"m":[1]}}""")]
    public async Task InvokeAsync_NamedValues_AnswersNestedArrays(string body, string expected)
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", TwoColumns());

        Assert.Equal(expected, (await InvokeAsync(kit, body)).Text);
    }

    [Theory]
    [InlineData("""{"instances":[[1,2],[3,4]]}""", """{"predictions":{"y":[[1,2],[3,4]]}}""")]
    [InlineData("""{"inputs":[[1,2]]}""", """{"predictions":{"y":[[1,2]]}}""")]
    [InlineData("""{"inputs":{"x":[[1,2]]}}""", """{"predictions":{"y":[[1,2]]}}""")]
    [InlineData("""{"dataframe_split":{"columns":["x_1","x_0"],"data":[[2,1]]}}""", """{"predictions":[{"y":[1,2]}]}""")]
    public async Task InvokeAsync_OneVectorInput_IsAcceptedInEveryForm(string body, string expected)
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", OnnxBuilder.Identity(TensorElementType.Float, -1, 2));

        Assert.Equal(expected, (await InvokeAsync(kit, body)).Text);
    }

    [Theory]
    [InlineData("""{"dataframe_records":[{"s":true},{"s":false},{"s":"True"},{"s":"true"},{"s":1.0},{"s":"NA"}]}""", "application/json")]
    [InlineData("s\nTrue\nFalse\nTrue\ntrue\n1.0\nNA\n", "text/csv")]
    public async Task InvokeAsync_CategoryOfAnyType_BecomesTheTextOfTheEncoders(string body, string contentType)
    {
        byte[] colour = await File.ReadAllBytesAsync(Path.Combine(RepositoryFiles.Root, "tests", "Cases", "colour.onnx"), Token);
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", colour);

        Reply reply = await InvokeAsync(kit, body, contentType);

        Assert.Equal("""{"predictions":[{"label":1},{"label":0},{"label":1},{"label":-1},{"label":3},{"label":2}]}""", reply.Text);
    }

    [Fact]
    public async Task InvokeAsync_RecordsWithDifferentNames_AreRefusedBeforeATableIsMade()
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", TwoColumns());
        string body = $$"""{"dataframe_records":[{{string.Join(",", Enumerable.Range(0, 5_000).Select(row => $$"""{"k{{row}}":1}"""))}}]}""";
        await InvokeAsync(kit, body);
        long before = GC.GetTotalAllocatedBytes(precise: true);

        Reply reply = await InvokeAsync(kit, body);

        Assert.Equal(
            (
                400,
                "'dataframe_records' has 5000 rows with more than 200 different names; if most rows lack most of them, rows times "
                    + "names can be 1000000."),
            (reply.Status, reply.Json.GetProperty("message").GetString()));
        // A table of 25 million cells would take 200 MB.
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 50_000_000);
    }

    [Fact]
    public async Task InvokeAsync_WideRecords_AreReadCompletely()
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", TwoColumns());
        string ignored = string.Join(",", Enumerable.Range(0, 600).Select(column => $"\"c{column}\":{column}"));
        string records = string.Join(",", Enumerable.Range(0, 1_000).Select(row => $$"""{"n":-1,{{ignored}},"a":0.5,"n":{{row}}}"""));

        Reply reply = await InvokeAsync(kit, $$"""{"dataframe_records":[{{records}}]}""");

        // If a record has a name twice, the last value counts.
        Assert.EndsWith("""{"y":0.5,"m":999}]}""", reply.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("inputs", 21, "[2,21]")]
    [InlineData("inputs", 19, "[2,19]")]
    [InlineData("instances", 21, "[2,21]")]
    [InlineData("named", 21, "[2,21]")]
    [InlineData("records", 21, "[2,21]")]
    [InlineData("split", 21, "[2,21]")]
    public async Task InvokeAsync_ArraysOfAnotherShape_AreRefusedWithTheShapes(string form, int width, string shape)
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", OnnxBuilder.Identity(TensorElementType.Float, -1, 20));
        string row = $"[{string.Join(",", Enumerable.Range(0, width))}]";

        Reply reply = await InvokeAsync(kit, form switch
        {
            "named" => $$$"""{"inputs":{"x":[{{{row}}},{{{row}}}]}}""",
            "records" => $$$"""{"dataframe_records":[{"x":{{{row}}}},{"x":{{{row}}}}]}""",
            "split" => $$$"""{"dataframe_split":{"columns":["x"],"data":[[{{{row}}}],[{{{row}}}]]}}""",
            _ => $$"""{"{{form}}":[{{row}},{{row}}]}""",
        });

        Assert.Equal(
            (400, $"Input 'x' has shape {shape}; the model takes [-1,20] (-1: any)."),
            (reply.Status, reply.Json.GetProperty("message").GetString()));
    }

    [Fact]
    public async Task InvokeAsync_ArraysOfAnotherRank_AreRefusedWithTheShapes()
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", OnnxBuilder.Identity(TensorElementType.Float, -1, 20));
        string row = $"[{string.Join(",", Enumerable.Range(0, 20))}]";

        Reply reply = await InvokeAsync(kit, $$"""{"inputs":[[{{row}},{{row}},{{row}}],[{{row}},{{row}},{{row}}]]}""");
        Reply columns = await InvokeAsync(await ScoringKit.WithChampionAsync("m", TwoColumns()), """{"inputs":{"a":[[1,2]],"n":[[1,2]]}}""");

        Assert.Equal(
            (400, "Input 'x' has shape [2,3,20]; the model takes [-1,20] (-1: any)."),
            (reply.Status, reply.Json.GetProperty("message").GetString()));
        Assert.Equal(
            (
                400,
                "Input 'a' has shape [1,2]; the model takes [-1,1] (-1: any). Input 'n' has shape [1,2]; the model takes [-1] (-1: any)."),
            (columns.Status, columns.Json.GetProperty("message").GetString()));
    }

    [Theory]
    [InlineData("[[[1,2],[3,4]]]", 200)]
    [InlineData("[[1,2,3,4]]", 200)]
    [InlineData("[[[1],[2],[3],[4]]]", 400)]
    [InlineData("[[[1,2],[3]]]", 400)]
    [InlineData("[[[1,2],[3,4]],[[1,2,3,4]]]", 400)]
    [InlineData("[[[1,2],[3,4]],[1,2,3,4]]", 400)]
    public async Task InvokeAsync_Matrices_AreNestedAsDeclaredOrFlat(string inputs, int status)
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", OnnxBuilder.Identity(TensorElementType.Float, -1, 2, 2));

        Reply reply = await InvokeAsync(kit, $$"""{"inputs":{{inputs}}}""");

        Assert.Equal(status, reply.Status);
        Assert.Equal(status == 200, reply.Text == """{"predictions":{"y":[[[1,2],[3,4]]]}}""");
    }

    [Theory]
    [InlineData("[[1,2],[3,4],[5,6]]", "[[1,2],[3,4],[5,6]]")]
    [InlineData("[[1,2],[3,4]]", "[[1,2],[3,4]]")]
    public async Task InvokeAsync_SequenceOfTensors_IsOneObject(string rows, string each)
    {
        // Always two elements: with two rows, the elements look like rows.
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", new OnnxBuilder().Input("x", TensorElementType.Float, -1, 2)
            .Output("y", OnnxBuilder.SequenceType(OnnxBuilder.TensorType(TensorElementType.Float, -1, 2)))
                .Node("SequenceConstruct", ["x", "x"], ["y"]).Build());

        Reply reply = await InvokeAsync(kit, $$$"""{"dataframe_split":{"columns":["x_0","x_1"],"data":{{{rows}}}}}""");

        Assert.Equal($$$"""{"predictions":{"y":[{{{each}}},{{{each}}}]}}""", reply.Text);
    }

    [Theory]
    [InlineData("nonsense", "not valid JSON")]
    [InlineData("[]", "exactly one of")]
    [InlineData("""{"instances":[[1]],"inputs":[[1]]}""", "it has 2")]
    [InlineData("""{"dataframe_split":{"columns":["a","n"],"data":[[1,2],[1]]}}""", "row 2")]
    [InlineData("""{"dataframe_split":{"columns":["a","a"],"data":[[1,2]]}}""", "more than once")]
    [InlineData("""{"dataframe_records":[{"a":1}]}""", "'n' is missing")]
    [InlineData("""{"dataframe_records":[{"a":"x","n":1},{"a":1,"n":"y"}]}""", "'x' is not a number", "'y' is not an integer")]
    [InlineData("""{"inputs":{"a":[1,2],"n":[1]}}""", "has 1 rows")]
    [InlineData("""{"instances":[[1,2]]}""", "does not name its values")]
    [InlineData("""{"dataframe_records":[{"a":{"b":1},"n":1}]}""", "is an object")]
    public async Task InvokeAsync_InvalidBody_IsA400ThatNamesAllErrors(string body, params string[] texts)
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", TwoColumns());

        Reply reply = await InvokeAsync(kit, body);

        Assert.Equal(400, reply.Status);
        Assert.Equal("BAD_REQUEST", reply.Json.GetProperty("error_code").GetString());
        Assert.All(texts, text => Assert.Contains(text, reply.Json.GetProperty("message").GetString(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("text/plain", 415)]
    [InlineData("application/json; charset=latin1", 415)]
    [InlineData("application/json; charset=utf-8", 200)]
    public async Task InvokeAsync_ContentType_SelectsTheFormatOrIsRefused(string contentType, int status)
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", TwoColumns());

        Assert.Equal(status, (await InvokeAsync(kit, """{"inputs":{"a":[1],"n":[1]}}""", contentType)).Status);
    }

    [Fact]
    public async Task InvokeAsync_UnknownModel_Is404()
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", TwoColumns());

        Reply reply = await ScoringKit.AskAsync(
            http => kit.Service.InvokeAsync(http, "other", Token), [], ("Content-Type", "application/json"));

        Assert.Equal((404, "RESOURCE_DOES_NOT_EXIST"), (reply.Status, reply.Json.GetProperty("error_code").GetString()));
    }

    [Fact]
    public async Task Ping_OnceTheRegistryIsRead_Is200()
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", TwoColumns());

        Assert.Equal((200, "\n"), await AskAsync(http => kit.Server.WritePingAsync(http, Token)));
        Assert.Matches(@"^\d+\.\d+\.\d+$", (await AskAsync(http => kit.Server.WriteVersionAsync(http, Token))).Text);
    }

    private static async Task<(int Status, string Text)> AskAsync(Func<Microsoft.AspNetCore.Http.HttpContext, Task> ask)
    {
        Reply reply = await ScoringKit.AskAsync(ask);
        return (reply.Status, reply.Text);
    }

    private static Task<Reply> InvokeAsync(ScoringKit kit, string body, string contentType = "application/json") =>
        ScoringKit.AskAsync(http => kit.Service.InvokeAsync(http, "m", Token), Encoding.UTF8.GetBytes(body), ("Content-Type", contentType));

    /// <summary>y is a, and m is n.</summary>
    private static byte[] TwoColumns() => new OnnxBuilder()
        .Input("a", TensorElementType.Float, -1, 1).Input("n", TensorElementType.Int64, -1)
        .Output(
            "y", OnnxBuilder.TensorType(TensorElementType.Float, -1, 1)).Output("m", OnnxBuilder.TensorType(TensorElementType.Int64, -1))
        .Node("Identity", ["a"], ["y"]).Node("Identity", ["n"], ["m"]).Build();
}
