using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.OnnxRuntime.Tensors;
using Modeldrop.Tests.Scoring;

namespace Modeldrop.Tests.Wire.Mlflow;

/// <summary>A collection stops all requests: the values of a large request are outside the heap, and free when it ends.</summary>
public sealed class LargeInvocationTests
{
    private const int Rows = 60_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("split")]
    [InlineData("records")]
    [InlineData("named")]
    [InlineData("instances")]
    [InlineData("csv")]
    public async Task InvokeAsync_ManyRows_AreReadInOrderAndLeaveNothingToCollect(string form)
    {
        using ScoringKit kit = await KitAsync(2);
        string[] a = [.. Enumerable.Range(0, Rows).Select(row => (row / 4.0).ToString(CultureInfo.InvariantCulture))];
        string[] b = [.. Enumerable.Range(0, Rows).Select(row => $"{-row}")];
        string pairs = string.Join(",", a.Zip(b, (first, second) => $"[{first},{second}]"));

        Reply reply = await InvokeAsync(
            kit,
            form switch
            {
                "split" => $$$"""{"dataframe_split":{"columns":["x_0","x_1"],"data":[{{{pairs}}}]}}""",
                "records" => $$"""
                    {"dataframe_records":[{{string.Join(",", a.Zip(b, (first, second) => $$"""{"x_1":{{second}},"x_0":{{first}}}"""))}}]}
                    """,
                "named" => $$$"""{"inputs":{"x_0":[{{{string.Join(",", a)}}}],"x_1":[{{{string.Join(",", b)}}}]}}""",
                "instances" => $$"""{"instances":[{{pairs}}]}""",
                _ => "x_0,x_1\n" + string.Join("\n", a.Zip(b, (first, second) => $"{first},{second}")),
            },
            form == "csv" ? "text/csv" : "application/json");

        Assert.Equal(200, reply.Status);
        float[] seen = MemoryMarshal.Cast<byte, float>(Assert.Single(kit.Log).Inputs[0].Data.Span).ToArray();
        Assert.Equal(Enumerable.Range(0, 2 * Rows).Select(index => index % 2 == 0 ? index / 8f : -(index / 2)), seen);
        Assert.Equal((0, 0), (kit.Sessions.Watch.Budget.Held, kit.Sessions.Watch.Budget.Released));
    }

    [Fact]
    public async Task InvokeAsync_ManyTexts_AreReadInOrderAndLeaveNothingToCollect()
    {
        using ScoringKit kit = await ScoringKit.WithChampionAsync("m", OnnxBuilder.Identity(TensorElementType.String, -1, 2));
        string[] texts = [.. Enumerable.Range(0, 2 * Rows).Select(index => index % 7 == 0 ? "" : $"ä{index}")];
        string rows = string.Join(",", texts.Chunk(2).Select(pair => $"""["{pair[0]}","{pair[1]}"]"""));

        Reply reply = await InvokeAsync(kit, $$$"""{"dataframe_split":{"columns":["x_0","x_1"],"data":[{{{rows}}}]}}""");

        Assert.Equal(200, reply.Status);
        Assert.Equal(texts, Assert.Single(kit.Log).Inputs[0].Strings);
        Assert.Equal((0, 0), (kit.Sessions.Watch.Budget.Held, kit.Sessions.Watch.Budget.Released));
    }

    /// <summary>An element of an array is no column of its own: a row may have as many as its input.</summary>
    [Fact]
    public async Task InvokeAsync_OneVeryWideRow_IsAnswered()
    {
        using ScoringKit kit = await KitAsync(-1);

        Reply reply = await InvokeAsync(kit, $$"""{"instances":[[{{string.Join(",", Enumerable.Range(0, 500_000))}}]]}""");

        Assert.Equal(200, reply.Status);
        Assert.EndsWith(",499998,499999]]}}", reply.Text, StringComparison.Ordinal);
        Assert.Equal((0, 0), (kit.Sessions.Watch.Budget.Held, kit.Sessions.Watch.Budget.Released));
    }

    [Theory]
    [InlineData("""{"inputs":{"x":[[1,2],[3,"four"]]}}""", "row 2, column 'x_1': 'four' is not a number.")]
    [InlineData("""{"instances":[[1,2],[3,null],[[4],5]]}""", "row 3 does not have shape [2] like the first row")]
    [InlineData("""{"inputs":{"x":[1,[2]]}}""", "row 2 does not have shape [] like the first row")]
    [InlineData("""{"dataframe_records":[{"x":[1,2]},{}]}""", "row 2 does not have shape [2] like the first row")]
    [InlineData("""{"dataframe_records":[{},{"x":[1,2]}]}""", "row 2 does not have shape [] like the first row")]
    [InlineData("""{"dataframe_split":{"columns":["x_0","x_1"],"data":[[1,2],[3,4,5]]}}""", "row 2: 'data' must have 2 values in each row")]
    [InlineData("""{"dataframe_split":{"columns":["x_0","x_1"],"data":[[1,2],3]}}""", "row 2: 'data' must have 2 values in each row")]
    [InlineData("""{"dataframe_split":{"columns":["x_0"],"data":{}}}""", "an object with the arrays 'columns' and 'data'")]
    [InlineData("""{"dataframe_split":[1]}""", "an object with the arrays 'columns' and 'data'")]
    [InlineData("""{"dataframe_records":[{"x_0":1,"x_1":2},3]}""", "an array of objects, one per row")]
    [InlineData("""{"dataframe_records":{"x_0":1}}""", "an array of objects, one per row")]
    [InlineData("""{"inputs":{"x_0":["\ud800"],"x_1":[1]}}""", "not valid Unicode")]
    [InlineData("""{"inputs":{"\ud800":[1],"x_0":[1],"x_1":[1]}}""", "not valid Unicode")]
    [InlineData("""{"inputs":[[1,2]]} 5""", "not valid JSON")]
    [InlineData("""{"dataframe_records":[{"x_0":1,"x_1":1},{"\ud800":1}]}""", "not valid Unicode")]
    [InlineData("""{"instances":[[[[1,2]],[[3,4]],[[5,6]]]]}""", "Input 'x' has shape [1,3,1,2]; the model takes [-1,2]")]
    [InlineData("""{"instances":[[[],[]]]}""", "Input 'x' has shape [1,2,0]; the model takes [-1,2]")]
    [InlineData("""{"instances":[[],[]]}""", "Input 'x' has shape [2,0]; the model takes [-1,2] (-1: any).")]
    public async Task InvokeAsync_AnArrayThatDoesNotFit_NamesItsPlace(string body, string expected)
    {
        using ScoringKit kit = await KitAsync(2);

        Reply reply = await InvokeAsync(kit, body);

        Assert.Equal(400, reply.Status);
        Assert.Contains(expected, reply.Json.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"dataframe_split":{"data":[[2,1]],"index":[7],"columns":["x_1","x_0"]}}""")]
    [InlineData("""{"params":{"a":[1,{"b":2}]},"dataframe_split":{"columns":["x_0",5,"x_1"],"data":[[1,"?",2]]}}""")]
    [InlineData("""{"dataframe_records":[{"x_0":"1","other":null,"x_1":2.0}]}""")]
    [InlineData("""{"dataframe_records":[{"x_1":true,"x_0":0,"x_0":1,"x_1":2}]}""")]
    [InlineData("""{"dataframe_records":[{"\u0078_0":1,"x\u005f1":"\u0032"}]}""")]
    [InlineData("""{"dataframe_records":[{"x":7,"x":[1,2]}]}""")]
    [InlineData("""{"inputs":{"x_0":1,"x_1":2}}""")]
    [InlineData("""{"inputs":{"x":[[1,2]],"text":["NaN \\\" -Infinity"]}}""")]
    [InlineData("""{"inputs":{"x":[[1,2]],"rest":[NaN],"more":[-Infinity],"text":["NaN \\\" Infinity"]}}""")]
    [InlineData("""\uFEFF{"instances":[{"x_0":1,"x_1":2}]}""")]
    public async Task InvokeAsync_EveryForm_IsReadTheSame(string body)
    {
        using ScoringKit kit = await KitAsync(2);

        Reply reply = await InvokeAsync(kit, body.Replace("\\uFEFF", "\uFEFF", StringComparison.Ordinal));

        Assert.Equal(200, reply.Status);
        Assert.Equal([1f, 2f], MemoryMarshal.Cast<byte, float>(Assert.Single(kit.Log).Inputs[0].Data.Span).ToArray());
    }

    /// <summary>The first array claims 2.5 billion elements for the request.</summary>
    [Fact]
    public async Task InvokeAsync_ArraysThatDifferInLength_TakeNoMemoryForWhatTheFirstClaims()
    {
        using ScoringKit kit = await KitAsync(-1);
        string first = string.Join(",", Enumerable.Repeat("0", 50_000));

        Reply reply = await InvokeAsync(kit, $$"""{"instances":[[[{{first}}]{{string.Concat(Enumerable.Repeat(",[]", 50_000))}}]]}""");

        Assert.Equal(400, reply.Status);
        Assert.Contains("row 1 does not have shape [50001,50000]", reply.Json.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task InvokeAsync_ManyColumnsBeyondTheBudget_AreRefusedBeforeTheyAreMade()
    {
        using ScoringKit kit = await KitAsync(2, megabytes: 4);

        Reply reply = await InvokeAsync(
            kit, $$$"""{"inputs":{{{{string.Join(",", Enumerable.Range(0, 20_000).Select(column => $"\"c{column}\":1"))}}}}}""");

        Assert.Equal(503, reply.Status);
        Assert.Equal(0, kit.Sessions.Watch.Budget.Held);
    }

    /// <summary>Python's NaN is not JSON: the text is copied with it in quotes.</summary>
    [Fact]
    public async Task InvokeAsync_BareNumbersBeyondTheBudget_AreRefusedAndReleaseTheirMemory()
    {
        using ScoringKit kit = await KitAsync(2, megabytes: 4);

        Reply reply = await InvokeAsync(kit, $$"""{"instances":[[NaN,1]]{{new string(' ', 1_500_000)}}}""");

        Assert.Equal(503, reply.Status);
        Assert.Equal(0, kit.Sessions.Watch.Budget.Held);
    }

    private static Task<ScoringKit> KitAsync(int width, int megabytes = 0) => ScoringKit.WithChampionAsync(
        "m", OnnxBuilder.Identity(TensorElementType.Float, -1, width), configure: options => options.MaxInFlightBytes = megabytes << 20);

    private static Task<Reply> InvokeAsync(ScoringKit kit, string body, string contentType = "application/json") =>
        ScoringKit.AskAsync(http => kit.Service.InvokeAsync(http, "m", Token), Encoding.UTF8.GetBytes(body), ("Content-Type", contentType));
}
