using System.Net;
using System.Text;
using System.Text.Json;

namespace Modeldrop.Tests.Acceptance;

/// <summary>Requests of a careless caller: the answer is never a 5xx, always has a text, and reports all violations at once.</summary>
public sealed class BadRequestTests : AcceptanceTest
{
    private const string Key = "acceptance-owner-key-0123456789abcdef";
    private const int TooLargeBytes = 101 * 1024 * 1024;

    [Fact]
    public async Task Requests_Invalid_AreRefusedWithAReason()
    {
        AppProcess app = await StartAppAsync();
        await Client.DropSampleAsync("penguins", "penguins", "1", Encoding.UTF8.GetBytes("""{ "label": "species" }"""));
        await Client.WaitForChampionAsync("penguins", version: 1);

        (HttpMethod Method, string Path, string? Body, int Status, string[] Words)[] requests =
        [
            (HttpMethod.Get, "v2/unknown", null, 404, ["/v2/unknown"]),
            (HttpMethod.Get, "api/unknown", null, 404, ["/api/unknown"]),
            (HttpMethod.Get, "v2/models/penguins/infer", null, 405, ["POST"]),
            (HttpMethod.Get, "api/audit?from=x&to=y&model=n%20o", null, 400, ["from", "to", "n o"]),
            (HttpMethod.Get, "api/models/penguins/drift?from=x&version=z", null, 400, ["version", "from", "A window needs both"]),
            (HttpMethod.Get, "api/operations?status=1&pageSize=0&model=n%20o", null, 400, ["status", "pageSize", "n o"]),
            (HttpMethod.Get, "api/models?page=0&archived=maybe", null, 400, ["page", "archived"]),
            (HttpMethod.Get, "api/models/penguins/versions/1/files/", null, 400, ["path"]),
            (HttpMethod.Patch, "api/models/penguins", """{"description":5,"tags":[1],"archvied":true}""", 400, ["description", "tags", "'archvied' is not known"]),
            (HttpMethod.Patch, "api/models/penguins", """{"tags":{"a":null}}""", 400, ["tags"]),
            (HttpMethod.Post, "api/models/penguins/promote", """{"version":1,"steps":[5,200],"stages":1}""", 400, ["'stages' is not known"]),
            (HttpMethod.Post, "api/models/penguins/rollback", "", 409, ["no champion before version 1"]),
        ];
        foreach ((HttpMethod method, string path, string? body, int expected, string[] words) in requests)
        {
            (int status, JsonElement answer) = await Client.SendAsync(method, path, body);

            Assert.True(status == expected, $"{method} {path}: {status} {answer}");
            string text = answer.GetProperty(path.StartsWith("v2", StringComparison.Ordinal) ? "error" : "detail").GetString()!;
            Assert.All(words, word => Assert.Contains(word, text, StringComparison.Ordinal));
        }

        await AssertUploadsAsync(app);
        await AssertArchivedIsNotPromotedAsync();
        Assert.Equal(
            HttpStatusCode.NotFound, (await app.Http.GetAsync("console/models/nobody", TestContext.Current.CancellationToken)).StatusCode);
        Assert.DoesNotContain("threw an unexpected exception", app.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OwnerKey_FromTheSetting_IsRequiredAndAcceptedOnlyInHeaders()
    {
        AppProcess app = await StartAppAsync(("Access__OwnerKey", Key));

        (int status, JsonElement answer) = await Client.SendAsync(HttpMethod.Get, "api/models");
        Assert.Equal(401, status);
        Assert.Contains("x-functions-key", answer.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(401, (await Client.SendAsync(HttpMethod.Get, $"api/models?code={Key}")).Status);
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/models") { Headers = { { "x-functions-key", Key } } };
        using HttpResponseMessage response = await app.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.DoesNotContain(Key, app.Output, StringComparison.Ordinal);
    }

    private static async Task AssertUploadsAsync(AppProcess app)
    {
        await AssertUploadAsync(
            app, new ByteArrayContent(new byte[TooLargeBytes]), "application/octet-stream", HttpStatusCode.RequestEntityTooLarge,
            "100 MiB");
        await AssertUploadAsync(app, new StringContent("nonsense"), "multipart/form-data", HttpStatusCode.BadRequest, "boundary");
        await AssertUploadAsync(
            app, new StringContent("nonsense"), "multipart/form-data; boundary=x", HttpStatusCode.BadRequest, "cannot be read");
        using var form = new MultipartFormDataContent
        {
            { new StringContent("{}"), "files", "model.json" },
            { new StringContent("{}"), "files", "model.json" },
            { new StringContent("{}"), "files", "rejected.json" },
            { new StringContent("{}"), "files", new string('a', 300) },
        };
        await AssertUploadAsync(
            app, form, null, HttpStatusCode.BadRequest, "2 files named 'model.json'", "'rejected.json'", "not a usable file name",
            "it contains 0");
    }

    private static async Task AssertUploadAsync(
        AppProcess app, HttpContent content, string? type, HttpStatusCode expected, params string[] words)
    {
        if (type is not null)
        {
            content.Headers.Remove("Content-Type");
            content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        // The server rejects a body that is too large before reading it.
        app.Http.DefaultRequestHeaders.ExpectContinue = true;
        using HttpResponseMessage response = await app.Http.PostAsync(
            "api/models/up/versions", content, TestContext.Current.CancellationToken);
        string answer = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.True(response.StatusCode == expected, $"{type}: {response.StatusCode} {answer}");
        Assert.All(words, word => Assert.Contains(word, answer, StringComparison.Ordinal));
    }

    private async Task AssertArchivedIsNotPromotedAsync()
    {
        Assert.Equal(200, (await Client.SendAsync(HttpMethod.Delete, "api/models/penguins")).Status);
        (int status, JsonElement answer) = await Client.SendAsync(HttpMethod.Post, "api/models/penguins/promote", """{"version":1}""");
        Assert.Equal(409, status);
        Assert.Contains("archived", answer.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(200, (await Client.SendAsync(HttpMethod.Patch, "api/models/penguins", """{"archived":false}""")).Status);
    }
}
