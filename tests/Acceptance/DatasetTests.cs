using System.Text;
using System.Text.Json;

namespace Modeldrop.Tests.Acceptance;

/// <summary>A data set uploaded separately, a model trained on it, and the catalogue's entries for both.</summary>
public sealed class DatasetTests : AcceptanceTest
{
    [Fact]
    public async Task Dataset_FromUploadToLineage()
    {
        await StartAppAsync();
        byte[] reference = await File.ReadAllBytesAsync(
            RepositoryFiles.Sample("penguins", "reference.csv"), TestContext.Current.CancellationToken);

        (int status, JsonElement made) = await Client.UploadAsync(
            "api/datasets/palmer?note=Antarctica&uri=https://example.com/p.csv", reference);
        (int again, JsonElement same) = await Client.UploadAsync("api/datasets/palmer", reference);

        Assert.Equal((201, 200), (status, again));
        Assert.Equal(
            (1, 233, "Antarctica"),
            (made.GetProperty("version").GetInt32(), made.GetProperty("rows").GetInt32(), made.GetProperty("note").GetString()));
        Assert.Equal(made.GetProperty("digest").GetString(), same.GetProperty("digest").GetString());
        await AssertRefusedAsync();

        DateTimeOffset before = TimeProvider.System.GetUtcNow();
        await Client.PutAsync("penguins/card.md", "# Not for seals"u8.ToArray());
        await Client.DropSampleAsync("penguins", "penguins", "1", Encoding.UTF8.GetBytes(
            """{ "label": "species", "description": "Which penguin?", "tags": { "team": "south" }, "dataset": { "name": "palmer", "version": 1 } }"""));
        JsonElement head = await Client.WaitForChampionAsync("penguins", version: 1);

        JsonElement dataset = await GetAsync("api/datasets/palmer/1");
        Assert.Equal("penguins/1/reference.csv", dataset.GetProperty("uses")[0].GetProperty("path").GetString());
        JsonElement[] profile = [.. dataset.GetProperty("profile").EnumerateArray()];
        Assert.Equal(
            dataset.GetProperty("columns").EnumerateArray().Select(column => column.GetString()),
            profile.Select(column => column.GetProperty("name").GetString()));
        Assert.Contains(profile, column => column.TryGetProperty("mean", out _));
        Assert.Contains(profile, column => column.TryGetProperty("top", out _));
        JsonElement version = await GetAsync("api/models/penguins/versions/champion");
        Assert.Equal("palmer", version.GetProperty("version").GetProperty("dataset").GetProperty("name").GetString());

        string page = await Client.ReadPageAsync("console/models/penguins");
        Assert.All(
            (string[])["<h3>Not for seals</h3>", "palmer 1", "Which penguin?", "south"],
            text => Assert.Contains(text, page, StringComparison.Ordinal));

        await AssertAsOfAsync(before, head);
        await AssertFoundAndArchivedAsync();
    }

    private async Task AssertRefusedAsync()
    {
        (string Path, string Body, string Words)[] requests =
        [
            ("api/datasets/palmer?uri=here", "a,a\n1,2\n", "uri must be an absolute address"),
            ("api/datasets/palmer", "a,a\n1,2\n", "Column 'a' appears 2 times"),
            ("api/datasets/no%20name", "a\n1\n", "is not the name of a data set"),
        ];
        foreach ((string path, string body, string words) in requests)
        {
            (int status, JsonElement answer) = await Client.UploadAsync(path, Encoding.UTF8.GetBytes(body));

            Assert.True(status == 400, $"{path}: {status} {answer}");
            Assert.Contains(words, answer.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
    }

    private async Task AssertAsOfAsync(DateTimeOffset before, JsonElement head)
    {
        (int status, JsonElement answer) = await Client.SendAsync(
            HttpMethod.Get, $"api/models/penguins?at={before:yyyy-MM-ddTHH:mm:ss.fffffffZ}");
        Assert.Equal(404, status);
        Assert.Contains("There was no model 'penguins' at", answer.GetProperty("detail").GetString(), StringComparison.Ordinal);

        string since = head.GetProperty("aliases").GetProperty("champion").GetProperty("since").GetString()!;
        JsonElement then = await GetAsync($"api/models/penguins?at={Uri.EscapeDataString(since)}");
        Assert.Equal("champion", then.GetProperty("versions")[0].GetProperty("status").GetString());
        Assert.Equal(400, (await Client.SendAsync(HttpMethod.Get, "api/models/penguins?at=noon")).Status);
    }

    private async Task AssertFoundAndArchivedAsync()
    {
        foreach (string query in (string[])["search=PENG", "search=which", "tag=team", "tag=team=south"])
        {
            Assert.Equal(1, (await GetAsync($"api/models?{query}")).GetProperty("total").GetInt32());
        }

        Assert.Equal(0, (await GetAsync("api/models?tag=team=north")).GetProperty("total").GetInt32());
        await Client.SendAsync(HttpMethod.Delete, "api/models/penguins");
        Assert.Equal(0, (await GetAsync("api/models")).GetProperty("total").GetInt32());
        Assert.Equal(1, (await GetAsync("api/models?archived=true")).GetProperty("total").GetInt32());
    }

    private async Task<JsonElement> GetAsync(string path)
    {
        (int status, JsonElement answer) = await Client.SendAsync(HttpMethod.Get, path);
        Assert.True(status == 200, $"{path}: {status} {answer}");
        return answer;
    }
}
