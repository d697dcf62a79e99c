using System.Text.Json;
using Modeldrop.Site.Models;
using Modeldrop.Tensors;

namespace Modeldrop.Tests.Site.Models;

public sealed class CallExamplesTests
{
    private static readonly ModelExample Example = new(
        [
            new ExampleInput(
                new TensorSpec("X", Datatype.Fp32, [-1, 2]) { Columns = ["petal length", "petal width"] }, [1, 2], ["1.5", "NaN"]),
            new ExampleInput(new TensorSpec("who's", Datatype.Bytes, [-1]), [1], ["it's \"so\" <b>"]),
            new ExampleInput(new TensorSpec("late", Datatype.Bool, [-1]), [1], ["True"]),
        ], null);

    [Fact]
    public void Request_EveryKindOfValue_IsJsonOfTheProtocol()
    {
        JsonElement request = JsonDocument.Parse(Example.Request()).RootElement;
        JsonElement[] inputs = [.. request.GetProperty("inputs").EnumerateArray()];

        Assert.Equal(["X", "who's", "late"], inputs.Select(input => input.GetProperty("name").GetString()));
        Assert.Equal("[1, 2]", inputs[0].GetProperty("shape").GetRawText());
        // JSON has no NaN.
        Assert.Equal("[1.5, 0]", inputs[0].GetProperty("data").GetRawText());
        Assert.Equal("it's \"so\" <b>", inputs[1].GetProperty("data")[0].GetString());
        Assert.True(inputs[2].GetProperty("data")[0].GetBoolean());
    }

    [Fact]
    public void NameOf_Value_IsItsColumnOrItsInput()
    {
        Assert.Equal("petal width", Example.Inputs[0].NameOf(1));
        Assert.Equal("who's", Example.Inputs[1].NameOf(0));
    }

    [Fact]
    public void Curl_TextWithAQuote_StaysInsideTheQuotesOfTheShell()
    {
        string command = CallExamples.Curl("https://host", "a.b", Example);

        Assert.StartsWith("curl -sS https://host/v2/models/a.b/infer \\\n", command, StringComparison.Ordinal);
        Assert.Contains("\"who'\\''s\"", command, StringComparison.Ordinal);
    }

    [Fact]
    public void Programs_OfAModel_NameItAndItsInputs()
    {
        string python = CallExamples.Python("https://host", "a.b", Example);
        string sharp = CallExamples.CSharp("https://host", "a.b", Example);

        Assert.Contains("requests.post(\"https://host/v2/models/a.b/infer\", json=request)", python, StringComparison.Ordinal);
        Assert.Contains("\"data\": [True]", python, StringComparison.Ordinal);
        Assert.Contains("http.PostAsync(\"https://host/v2/models/a.b/infer\", request)", sharp, StringComparison.Ordinal);
        Assert.Contains("\"name\": \"X\"", sharp, StringComparison.Ordinal);
    }
}
