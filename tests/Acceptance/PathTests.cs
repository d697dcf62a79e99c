using System.Text;
using System.Text.Json;

namespace Modeldrop.Tests.Acceptance;

/// <summary>The whole path: dropped, validated, promoted, scored, logged, explained, refused, rolled back.</summary>
public sealed class PathTests : AcceptanceTest
{
    private const string FlightRequest = """
        {"id":"42","inputs":[
          {"name":"hour","shape":[1,1],"datatype":"INT64","data":[17]},
          {"name":"dow","shape":[1,1],"datatype":"INT64","data":[5]},
          {"name":"distance","shape":[1,1],"datatype":"FP32","data":[733]},
          {"name":"origin","shape":[1,1],"datatype":"BYTES","data":["ORD"]},
          {"name":"destination","shape":[1,1],"datatype":"BYTES","data":["LGA"]}]}
        """;

    [Fact]
    public async Task Flights_FromDropToRollback()
    {
        await StartAppAsync();
        await Client.DropSampleAsync("flights/1", "flights", "1");
        await Client.WaitForChampionAsync("flights", version: 1);

        string prediction = await ScoreAsync(version: "1");
        await AssertExplainedAsync(prediction);
        await AssertReplaysAsync(prediction);
        await AssertExportedAsync(prediction);
        await AssertMeasuredAsync();

        await Client.DropSampleAsync("flights/2", "flights", "2");
        await Client.WaitForChampionAsync("flights", version: 2);
        await AssertBadIsRefusedAsync();
        await AssertSameBytesMakeNoVersionAsync();
        await AssertRollsBackAsync();
        await AssertPageShowsAsync();
    }

    private async Task<string> ScoreAsync(string version)
    {
        JsonElement answer = await Client.ScoreByAsync("flights", version, FlightRequest);
        Assert.Equal("42", answer.GetProperty("id").GetString());
        Assert.Equal("champion", answer.GetProperty("parameters").GetProperty("alias").GetString());
        return answer.GetProperty("parameters").GetProperty("prediction_id").GetString()!;
    }

    private async Task AssertExplainedAsync(string prediction)
    {
        JsonElement record = await Client.WaitAsync($"api/predictions/{prediction}", _ => true);
        Assert.Equal(1, record.GetProperty("version").GetInt32());
        Assert.Equal("42", record.GetProperty("requestId").GetString());
        Assert.Equal(64, record.GetProperty("modelSha256").GetString()!.Length);
        Assert.Equal(1, record.GetProperty("dataset").GetProperty("version").GetInt32());
        JsonElement origin = record.GetProperty("inputs").EnumerateArray()
            .Single(input => input.GetProperty("name").GetString() == "origin");
        Assert.Equal("ORD", origin.GetProperty("data")[0].GetString());
        Assert.Equal(2, record.GetProperty("outputs").GetArrayLength());
    }

    private async Task AssertReplaysAsync(string prediction)
    {
        (int status, JsonElement replay) = await Client.SendAsync(HttpMethod.Post, $"api/predictions/{prediction}/replay");

        Assert.Equal(200, status);
        Assert.True(replay.GetProperty("sameEnvironment").GetBoolean(), replay.GetRawText());
        Assert.True(replay.GetProperty("sameBits").GetBoolean(), replay.GetRawText());
        Assert.Equal(
            ["label", "probabilities"],
            replay.GetProperty("outputs").EnumerateArray().Select(output => output.GetProperty("name").GetString()));
    }

    private async Task AssertExportedAsync(string prediction)
    {
        string lines = await Client.ReadPageAsync("api/models/flights/predictions");
        Assert.Contains($"\"id\":\"{prediction}\"", lines, StringComparison.Ordinal);
        Assert.All(
            lines.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            line => Assert.Equal("flights", JsonDocument.Parse(line).RootElement.GetProperty("model").GetString()));
        Assert.Contains(
            $"{prediction},0,1,", await Client.ReadPageAsync("api/models/flights/predictions?format=csv&version=1"),
            StringComparison.Ordinal);
        Assert.Contains("in.origin", await Client.ReadPageAsync("api/models/flights/predictions?format=arrow"), StringComparison.Ordinal);
        Assert.Contains(
            prediction, await Client.ReadPageAsync("api/models/flights/predictions?to=9999-12-31T23:59:59Z&from=0001-01-01"),
            StringComparison.Ordinal);
        Assert.Empty(await Client.ReadPageAsync("api/models/flights/predictions?to=0001-01-01T12:00:00Z"));
        Assert.Equal(400, (await Client.SendAsync(HttpMethod.Get, "api/models/flights/predictions?format=xml")).Status);
        Assert.Equal(400, (await Client.SendAsync(HttpMethod.Get, "api/models/flights/predictions?format=json,csv")).Status);
    }

    private async Task AssertMeasuredAsync()
    {
        string metrics = await Client.ReadPageAsync("metrics");

        Assert.Matches(@"(?m)^modeldrop_scoring_requests\{model=""flights"",version=""1""\} [1-9]", metrics);
        Assert.Matches(@"(?m)^modeldrop_log_records [1-9]", metrics);
    }

    private async Task AssertBadIsRefusedAsync()
    {
        await Client.DropSampleAsync("flights/bad", "flights", "bad");
        string rejection = await Client.WaitForDropBlobAsync("flights/bad/rejected.json");
        Assert.Contains("roc_auc", rejection, StringComparison.Ordinal);
        Assert.Contains("0.49", rejection, StringComparison.Ordinal);
        Assert.Contains("0.63", rejection, StringComparison.Ordinal);

        await Client.WaitAsync("api/models/flights", head => head.GetProperty("versions").EnumerateArray().Count() == 3
            && head.GetProperty("versions")[2].GetProperty("status").GetString() == "rejected");
        await Client.WaitForChampionAsync("flights", version: 2);
        await Client.WaitForStatusAsync("v2/models/flights/versions/3/infer", FlightRequest, expected: 404);
    }

    private async Task AssertSameBytesMakeNoVersionAsync()
    {
        await Client.DropSampleAsync("flights/again", "flights", "2");
        JsonElement operations =
            await Client.WaitAsync("api/operations?model=flights", answer => answer.GetProperty("operations").EnumerateArray()
            .Any(operation => operation.TryGetProperty("outcome", out JsonElement outcome) && outcome.GetString() == "unchanged"));
        Assert.NotEmpty(operations.GetProperty("operations").EnumerateArray());
        JsonElement head = await Client.WaitAsync("api/models/flights", _ => true);
        Assert.Equal(3, head.GetProperty("versions").GetArrayLength());
    }

    private async Task AssertRollsBackAsync()
    {
        (int status, JsonElement accepted) = await Client.SendAsync(HttpMethod.Post, "api/models/flights/rollback", """{"reason":"a test"}""");
        Assert.Equal(202, status);
        await Client.WaitAsync(
            accepted.GetProperty("location").GetString()!.TrimStart('/'),
            operation => operation.GetProperty("status").GetString() == "completed");
        await Client.WaitForChampionAsync("flights", version: 1);
        await Client.WaitAsync(
            "api/models/flights/aliases/champion/history", history => history.GetProperty("moves").GetArrayLength() == 3);
    }

    private async Task AssertPageShowsAsync()
    {
        JsonElement audit = await Client.WaitAsync("api/audit?model=flights", _ => true);
        Assert.Contains("a test", audit.ToString(), StringComparison.Ordinal);
        string page = await Client.ReadPageAsync("console/models/flights");
        Assert.Contains("flights", page, StringComparison.Ordinal);
        Assert.Contains("rejected", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", page, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Post_BadRequests_AreTheCallersErrors()
    {
        await StartAppAsync();
        await Client.DropSampleAsync("penguins", "penguins", "1", Encoding.UTF8.GetBytes("""{ "label": "species" }"""));
        await Client.WaitForChampionAsync("penguins", version: 1);
        await Client.ScoreByAsync("penguins", "1", HostileDropTests.PenguinRequest);

        (string Path, string Body, int Expected)[] requests =
        [
            ("v2/models/nobody/infer", """{"inputs":[]}""", 404),
            ("v2/models/penguins/infer", "{ broken", 400),
            ("v2/models/penguins/infer", """{"inputs":[{"name":"beak_length_mm","shape":[1,1],"datatype":"FP32","data":[1]}]}""", 400),
            ("v2/models/penguins/versions/9/infer", """{"inputs":[]}""", 404),
            ("api/models/penguins/promote", """{"version":9}""", 404),
            ("api/models/penguins/promote", """{"version":"x"}""", 400),
            ("api/models/no name/rollback", "{}", 400),
            ("api/operations/nothing/cancel", "{}", 404),
        ];
        foreach ((string path, string body, int expected) in requests)
        {
            (int status, JsonElement answer) = await Client.SendAsync(HttpMethod.Post, path, body);

            Assert.True(status == expected, $"{path}: {status} {answer}");
            string member = path.StartsWith("v2", StringComparison.Ordinal) ? "error" : "detail";
            Assert.True(answer.TryGetProperty(member, out JsonElement text) && text.GetString()!.Length > 0, $"{path}: {answer}");
        }
    }
}
