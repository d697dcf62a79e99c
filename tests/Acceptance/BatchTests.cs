using System.Globalization;
using System.Text;
using System.Text.Json;
using Azure.Storage.Blobs;

namespace Modeldrop.Tests.Acceptance;

/// <summary>A real app scores a file and is killed in between.</summary>
public sealed class BatchTests : AcceptanceTest
{
    private const int Kills = 3;

    private BlobContainerClient Container => Client.Blobs.GetBlobContainerClient("batch");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Batch_KilledHalfway_HasAResultForEachRowInOrder()
    {
        AppProcess app = await StartAppAsync();
        await Client.DropSampleAsync("flights", "flights", "1");
        await Client.WaitForChampionAsync("flights", 1);
        (byte[] file, int rows) = await ManyRowsAsync();
        await PutAsync("june/flights.csv", file);

        JsonElement accepted = await StartAsync("flights", """{"input": "june/flights.csv"}""");
        string operation = accepted.GetProperty("operation").GetString()!;
        for (int kill = 0; kill < Kills; kill++)
        {
            await Client.WaitAsync(
                $"api/operations/{operation}", state => DoneOf(state) > kill || state.GetProperty("status").GetString() == "completed");
            await app.KillAsync();
            app = await StartAppAsync();
        }

        JsonElement ended = await EndOfAsync(operation);
        JsonElement batch = ended.GetProperty("batch");
        Assert.Equal("done", ended.GetProperty("outcome").GetString());
        Assert.Equal((rows, 2), (batch.GetProperty("rows").GetInt32(), batch.GetProperty("failed").GetInt32()));
        string[] reasons = [.. ended.GetProperty("reasons").EnumerateArray().Select(reason => reason.GetString()!)];
        Assert.Equal($"2 of {rows} rows could not be scored.", reasons[0]);
        Assert.Equal("line 3: Column 'hour': 'noon' is not an integer.", reasons[1]);
        Assert.StartsWith($"line {rows + 1}: 1 fields, but the header has ", reasons[2], StringComparison.Ordinal);

        string result = batch.GetProperty("result").GetString()!;
        Assert.Matches("^june/flights\\.scored-[0-9a-f]{16}\\.csv$", result);
        string[] lines = (await Container.GetBlobClient(result).DownloadContentAsync(Token)).Value.Content.ToString()
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("line,error,label,probabilities_0,probabilities_1", lines[0]);
        Assert.Equal(Enumerable.Range(2, rows), lines.Skip(1).Select(line => int.Parse(line.Split(',')[0], CultureInfo.InvariantCulture)));
        Assert.Equal("3,Column 'hour': 'noon' is not an integer.,,,", lines[2]);

        // The same rows occur repeatedly, in different parts, and must have the same answers.
        int period = Period;
        Assert.All(Enumerable.Range(3, period), row => Assert.Equal(AnswerOf(lines[row]), AnswerOf(lines[row + period])));
        IDictionary<string, string> metadata = (
            await Container.GetBlobClient(result).GetPropertiesAsync(cancellationToken: Token)).Value.Metadata;
        Assert.Equal(("flights", "1", operation), (metadata["model"], metadata["version"], metadata["operation"]));
        Assert.Empty(await Client.Blobs.GetBlobContainerClient("staging").GetBlobsAsync(cancellationToken: Token).ToListAsync(Token));
    }

    [Fact]
    public async Task Batch_JsonLines_AnswersLikeTheScoringRoute_AndInvalidRequestsAreRefused()
    {
        await StartAppAsync();
        await Client.DropSampleAsync("digits", "digits", "1");
        await Client.WaitForChampionAsync("digits", 1);
        string[] pixels = [.. Enumerable.Range(0, 64).Select(pixel => (pixel % 17).ToString(CultureInfo.InvariantCulture))];
        string input = (await Client.WaitAsync("v2/models/digits", _ => true)).GetProperty("inputs")[0].GetProperty("name").GetString()!;
        await PutAsync("d.jsonl", Encoding.UTF8.GetBytes($"{{\"{input}\": [{string.Join(",", pixels)}]}}\nnonsense\n"));

        JsonElement ended = await EndOfAsync((await StartAsync("digits", """{"input": "d.jsonl", "version": 1}""")).GetProperty("operation").GetString()!);
        string[] lines = (
            await Container.GetBlobClient(
                ended.GetProperty("batch").GetProperty("result").GetString()!).DownloadContentAsync(Token)).Value.Content
            .ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        (int status, JsonElement online) = await Client.SendAsync(
            HttpMethod.Post, "v2/models/digits/infer",
            $"{{\"inputs\":[{{\"name\":\"{input}\",\"shape\":[1,64],\"datatype\":\"FP32\",\"data\":[{string.Join(",", pixels)}]}}]}}");
        Assert.Equal(200, status);
        using JsonDocument first = JsonDocument.Parse(lines[0]);
        foreach (JsonElement output in online.GetProperty("outputs").EnumerateArray())
        {
            string online1 = output.GetProperty("data").GetRawText();
            string batch = first.RootElement.GetProperty("outputs").GetProperty(output.GetProperty("name").GetString()!).GetRawText();
            Assert.Equal(online1, batch.StartsWith('[') ? batch : $"[{batch}]");
        }

        Assert.Equal("""{"line":2,"error":"the line is not valid JSON."}""", lines[1]);

        (status, JsonElement refused) = await Client.SendAsync(HttpMethod.Post, "api/models/digits/batch", """{"input": "x.txt", "result": "xml"}""");
        Assert.Equal(400, status);
        Assert.Contains("is not a known format", refused.ToString(), StringComparison.Ordinal);
        Assert.Contains("'result' must be csv or jsonl, not 'xml'.", refused.ToString(), StringComparison.Ordinal);
        (status, _) = await Client.SendAsync(HttpMethod.Post, "api/models/digits/batch", """{"input": "absent.csv"}""");
        Assert.Equal(404, status);

        await PutAsync("wrong.csv", "a,b\n1,2\n"u8.ToArray());
        ended = await EndOfAsync((await StartAsync("digits", """{"input": "wrong.csv"}""")).GetProperty("operation").GetString()!);
        Assert.Equal("rejected", ended.GetProperty("outcome").GetString());
        Assert.Contains("columns are missing", ended.GetProperty("reasons")[0].GetString(), StringComparison.Ordinal);
    }

    /// <summary>A team's own keys in the files of a batch, in requests, in look-ups and in feedback.</summary>
    [Fact]
    public async Task CallerKeys_StayWithTheirRows_FindTheirPredictions_AndAcceptLabels()
    {
        await StartAppAsync();
        await Client.DropSampleAsync("penguins", "penguins", "1");
        await Client.WaitForChampionAsync("penguins", 1);
        string[] lines = await File.ReadAllLinesAsync(RepositoryFiles.Sample("penguins", "validation.csv"), Token);
        await PutAsync("keys.csv", Encoding.UTF8.GetBytes(
            $"customer_id;{lines[0].Replace(',', ';')}\nC-1;{lines[1].Replace(',', ';')}\n\"C-\"\"2\";nonsense\n"));

        JsonElement ended = await EndOfAsync((await StartAsync("penguins", """{"input": "keys.csv", "keep": ["customer_id"]}""")).GetProperty("operation").GetString()!);
        string result = (await Container.GetBlobClient(ended.GetProperty("batch").GetProperty(
            "result").GetString()!).DownloadContentAsync(Token)).Value.Content.ToString();
        Assert.StartsWith("line,error,customer_id,label", result, StringComparison.Ordinal);
        Assert.Contains("\n2,,C-1,", result, StringComparison.Ordinal);
        ended = await EndOfAsync((await StartAsync("penguins", """{"input": "keys.csv", "result": "jsonl", "keep": ["customer_id"]}""")).GetProperty("operation").GetString()!);
        result = (await Container.GetBlobClient(ended.GetProperty("batch").GetProperty(
            "result").GetString()!).DownloadContentAsync(Token)).Value.Content.ToString();
        Assert.StartsWith("""{"line":2,"kept":{"customer_id":"C-1"},"outputs":{""", result, StringComparison.Ordinal);
        ended = await EndOfAsync((await StartAsync("penguins", """{"input": "keys.csv", "keep": ["custumer", "label"]}""")).GetProperty("operation").GetString()!);
        Assert.Equal("'keep' names the column 'custumer', which the file does not have.", ended.GetProperty("reasons")[0].GetString());

        using JsonDocument examples = JsonDocument.Parse(await File.ReadAllBytesAsync(RepositoryFiles.Sample("penguins",
            "1/examples.json"), Token));
        string inputs = examples.RootElement[0].GetProperty("request").GetProperty("inputs").GetRawText();
        (int status, JsonElement answer) = await Client.SendAsync(HttpMethod.Post, "v2/models/penguins/infer", $$"""{"id": "order 17", "inputs": {{inputs}}}""");
        Assert.Equal(200, status);
        string id = answer.GetProperty("parameters").GetProperty("prediction_id").GetString()!;
        await Client.WaitAsync($"api/predictions/{id}", record => record.TryGetProperty("requestId", out _));
        JsonElement found = await Client.WaitAsync("api/models/penguins/predictions?key=order%2017", _ => true);
        Assert.Equal((id, "order 17"), (found.GetProperty("id").GetString(), found.GetProperty("requestId").GetString()));

        (status, answer) = await Client.SendAsync(HttpMethod.Post, "api/models/penguins/feedback", """[{"key": "order 17", "row": 0, "label": "Gentoo"}, {"key": "order 18", "label": "Gentoo"}]""");
        Assert.True(status == 200 && answer.GetProperty("stored").GetInt32() == 1, answer.ToString());
        Assert.Contains("No prediction with the key 'order 18'", answer.GetProperty("rejected")[0].GetProperty("detail").GetString(),
            StringComparison.Ordinal);
        found = await Client.WaitAsync($"api/predictions/{id}", _ => true);
        Assert.Equal("Gentoo", found.GetProperty("feedback")[0].GetProperty("labels")[0].GetString());
    }

    private static int Period => File.ReadLines(RepositoryFiles.Sample("flights", "validation.csv")).Count() - 1;

    private static string AnswerOf(string line) => line[line.IndexOf(',', StringComparison.Ordinal)..];

    private static int DoneOf(JsonElement operation) =>
        operation.TryGetProperty("batch", out JsonElement batch) && batch.ValueKind == JsonValueKind.Object
            ? batch.GetProperty("done").GetInt32()
            : 0;

    /// <summary>The validation rows repeated to some megabytes; the second and the last row are invalid.</summary>
    private static async Task<(byte[] File, int Rows)> ManyRowsAsync()
    {
        string[] lines = await File.ReadAllLinesAsync(RepositoryFiles.Sample("flights", "validation.csv"), Token);
        int hour = lines[0].Split(',').IndexOf("hour");
        var text = new StringBuilder(lines[0]).Append('\n');
        int rows = 0;
        while (text.Length < 5_500_000)
        {
            foreach (string line in lines.Skip(1))
            {
                string[] cells = line.Split(',');
                cells[hour] = rows == 1 ? "noon" : cells[hour];
                text.AppendJoin(',', cells).Append('\n');
                rows++;
            }
        }

        text.Append("only one field\n");
        return (Encoding.UTF8.GetBytes(text.ToString()), rows + 1);
    }

    private async Task PutAsync(string path, byte[] content) =>
        await Container.GetBlobClient(path).UploadAsync(new BinaryData(content), overwrite: true, Token);

    private async Task<JsonElement> StartAsync(string model, string body)
    {
        (int status, JsonElement answer) = await Client.SendAsync(HttpMethod.Post, $"api/models/{model}/batch", body);
        Assert.Equal(202, status);
        return answer;
    }

    private Task<JsonElement> EndOfAsync(string operation) =>
        Client.WaitAsync($"api/operations/{operation}", state => state.GetProperty("status").GetString() is "completed" or "failed");
}
