using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Azure.Storage.Blobs;
using Modeldrop.Tests.Infra;

namespace Modeldrop.Tests.Acceptance;

/// <summary>The app accepts every example in docs/requests.md.</summary>
public sealed partial class RequestExampleTests : AcceptanceTest
{
    private const string Request = """
        {"id":"order-17","inputs":[{"name":"hour","shape":[1,1],"datatype":"INT64","data":[17]},
        {"name":"dow","shape":[1,1],"datatype":"INT64","data":[5]},
        {"name":"distance","shape":[1,1],"datatype":"FP32","data":[733]},{"name":"origin","shape":[1,1],"datatype":"BYTES","data":["ORD"]},
        {"name":"destination","shape":[1,1],"datatype":"BYTES","data":["LGA"]}]}
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Examples_InDocumentOrder_AreAccepted()
    {
        await StartAppAsync();
        await Client.DropSampleAsync("flights", "flights", "1");
        await Client.WaitForChampionAsync("flights", 1);
        await Client.DropSampleAsync("flights", "flights", "2");
        await Client.WaitForChampionAsync("flights", 2);
        JsonElement scored = await Client.ScoreByAsync("flights", "2", Request);
        string prediction = scored.GetProperty("parameters").GetProperty("prediction_id").GetString()!;
        await Client.WaitAsync($"api/predictions/{prediction}", _ => true);
        BlobContainerClient batch = Client.Blobs.GetBlobContainerClient("batch");
        await batch.CreateIfNotExistsAsync(cancellationToken: Token);
        await batch.GetBlobClient("june/flights.csv").UploadAsync(RepositoryFiles.Sample("flights", "validation.csv"), Token);

        string operation = "";
        List<string> wrong = [];
        foreach ((string verb, string route, string format, string text) in Examples())
        {
            string Filled(string template) => template.Replace("<prediction_id>", prediction, StringComparison.Ordinal)
                .Replace("<operation>", operation, StringComparison.Ordinal);
            string type = format switch { "csv" => "text/csv", "jsonl" => "application/x-ndjson", _ => "application/json" };
            (int status, JsonElement answer) = await Client.SendAsync(
                new HttpMethod(verb), Filled(route).TrimStart('/'), new StringContent(Filled(text), Encoding.UTF8, type));
            bool isOfARollout = route.Contains("<operation>", StringComparison.Ordinal);
            bool isTaken = status is 200 or 201 or 202 || (isOfARollout && status == 409);
            if (!isTaken || (answer.TryGetProperty("rejected", out JsonElement rejected) && rejected.GetArrayLength() > 0))
            {
                wrong.Add($"{verb} {route} {text}: {status} {answer}");
            }

            operation = status == 202 && answer.TryGetProperty("operation", out JsonElement started) ? started.GetString()! : operation;
        }

        Assert.Empty(wrong);
    }

    private static IEnumerable<(string Verb, string Route, string Format, string Text)> Examples() =>
        from section in RepositoryText.Read("docs/requests.md").Split("\n## ").Skip(1)
        let heading = Heading().Match(section)
        from Match block in Block().Matches(section)
        select (heading.Groups["verb"].Value, heading.Groups["route"].Value, block.Groups["format"].Value, block.Groups["text"].Value);

    [GeneratedRegex(@"^`(?<verb>[A-Z]+) (?<route>[^`]+)`")]
    private static partial Regex Heading();

    [GeneratedRegex(@"^```(?<format>json|jsonl|csv)\n(?<text>.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();
}
