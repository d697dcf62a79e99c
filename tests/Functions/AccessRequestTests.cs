using System.Net;
using System.Text.Json;
using Modeldrop.Access;
using Modeldrop.Tests.Standalone;

namespace Modeldrop.Tests.Functions;

/// <summary>Requests that must be refused, and their error texts.</summary>
public sealed class AccessRequestTests(AzuriteFixture azurite)
{
    /// <summary>A body that is refused for its content once it is read.</summary>
    private const string FormWithoutModel =
        "--x\r\nContent-Disposition: form-data; name=\"files\"; filename=\"m.txt\"\r\n\r\nx\r\n--x--\r\n";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/api/models", "application/problem+json", "detail")]
    [InlineData("/v2/models", "application/json", "error")]
    [InlineData("/models/m/ping", "application/json", "message")]
    public async Task Request_WithoutAKey_IsRefusedInTheFormatOfItsProtocol(string path, string type, string member)
    {
        await using TestHost host = await AppHost.StartAsync(azurite);
        await AppHost.KeysAsync(host);

        using HttpResponseMessage response = await host.Client.GetAsync(path, Cancellation);

        Assert.Equal((HttpStatusCode.Unauthorized, type), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        Assert.Contains("x-functions-key", await MemberAsync(response, member), StringComparison.Ordinal);
        Assert.StartsWith("Bearer", Assert.Single(response.Headers.WwwAuthenticate).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_WithoutKeys_IsServedOnThisMachineOnly()
    {
        await using TestHost host = await AppHost.StartAsync(azurite);
        int port = host.Client.BaseAddress!.Port;

        foreach ((string name, HttpStatusCode expected) in ((string, HttpStatusCode)[])
            [($"127.0.0.1:{port}", HttpStatusCode.OK), ($"localhost:{port}", HttpStatusCode.OK), ($"[::1]:{port}", HttpStatusCode.OK),
                ($"evil.example:{port}", HttpStatusCode.Forbidden), ("evil.example", HttpStatusCode.Forbidden),
                ($"127.0.0.1.evil.example:{port}", HttpStatusCode.Forbidden), ($"192.0.2.1:{port}", HttpStatusCode.Forbidden)])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/models") { Headers = { Host = name } };
            using HttpResponseMessage response = await host.Client.SendAsync(request, Cancellation);

            Assert.Equal((name, expected), (name, response.StatusCode));
        }
    }

    [Theory]
    [InlineData("http://evil.example", null, 403)]
    [InlineData("null", null, 403)]
    [InlineData("http://127.0.0.1:1", null, 403)]
    [InlineData(null, "cross-site", 403)]
    [InlineData(null, "same-origin", 400)]
    [InlineData("self", null, 400)]
    [InlineData(null, null, 400)]
    public async Task Upload_WithoutKeysFromAPageOfAnotherSite_IsRefused(string? origin, string? site, int expected)
    {
        await using TestHost host = await AppHost.StartAsync(azurite);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/models/flights/versions")
        {
            Content = new StringContent(FormWithoutModel),
        };
        request.Content.Headers.Remove("Content-Type");
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=x");
        string own = host.Client.BaseAddress!.GetLeftPart(UriPartial.Authority);
        Add(request, "Origin", origin == "self" ? own : origin);
        Add(request, "Sec-Fetch-Site", site);

        using HttpResponseMessage response = await host.Client.SendAsync(request, Cancellation);

        Assert.Equal(expected, (int)response.StatusCode);
    }

    [Theory]
    [InlineData("/v2/models", 200)]
    [InlineData("/api/models", 403)]
    public async Task Page_OfAnAllowedOriginWithoutKeys_MayOnlyScore(string path, int expected)
    {
        await using TestHost host = await AppHost.StartAsync(azurite, settings: ("Host:CorsOrigins", "https://app.example.com"));
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Origin", "https://app.example.com" } } };

        using HttpResponseMessage response = await host.Client.SendAsync(request, Cancellation);

        Assert.Equal(expected, (int)response.StatusCode);
    }

    [Theory]
    [InlineData("basic", "http://evil.example", 403)]
    [InlineData("basic", null, 200)]
    [InlineData("bearer", "http://evil.example", 200)]
    public async Task Key_SentByTheBrowserForAPageOfAnotherSite_IsRefused(string way, string? origin, int expected)
    {
        await using TestHost host = await AppHost.StartAsync(azurite);
        Dictionary<Role, string> keys = await AppHost.KeysAsync(host);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v2/repository/index");
        AppHost.Authorize(request, way, keys[Role.Scorer]);
        Add(request, "Origin", origin);

        using HttpResponseMessage response = await host.Client.SendAsync(request, Cancellation);

        Assert.Equal(expected, (int)response.StatusCode);
    }

    [Fact]
    public async Task Key_ForOneModel_OpensOnlyThisModel()
    {
        await using TestHost host = await AppHost.StartAsync(azurite);
        await AppHost.KeysAsync(host);
        string viewer = await AppHost.CreateAsync(host, Role.Viewer, "model:flights");

        foreach ((string path, int expected) in ((string, int)[])
            [("/api/models/flights", 404), ("/api/models/iris", 403), ("/api/models", 200), ("/api/models?model=iris", 200),
                ("/metrics?model=flights", 403), ("/api/datasets?model=flights", 403), ("/v2", 200), ("/v2/models", 200),
                ("/v2/models/flights", 404), ("/v2/models/iris", 403), ("/api/audit?model=flights", 200), ("/api/audit?model=iris", 403),
                ("/api/audit", 200), ("/api/audit?model=&model=iris", 403), ("/api/alerts", 200), ("/api/alerts?model=iris", 403),
                ("/console/models/flights", 404), ("/console/models/iris", 403), ("/", 200), ("/console/predictions", 200),
                ("/api/operations/iris~promote~1", 403), ("/api/predictions/00000000000000000000000000", 403)])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "x-api-key", viewer } } };
            using HttpResponseMessage response = await host.Client.SendAsync(request, Cancellation);

            Assert.Equal((path, expected), (path, (int)response.StatusCode));
        }
    }

    [Fact]
    public async Task Keys_Wrong_AreLimitedAndCountedAndDelayNoCorrectKey()
    {
        await using TestHost host = await AppHost.StartAsync(azurite, settings: ("Access:WrongKeyBurst", "3"));
        Dictionary<Role, string> keys = await AppHost.KeysAsync(host);
        List<int> statuses = [];
        for (int i = 0; i < 5; i++)
        {
            using HttpResponseMessage response = await SendAsync(host, "mdk-wrong");
            statuses.Add((int)response.StatusCode);
            Assert.Equal(statuses[^1] == 429, response.Headers.RetryAfter is not null);
        }

        Assert.Equal([401, 401, 401, 429, 429], statuses);
        using HttpResponseMessage right = await SendAsync(host, keys[Role.Viewer]);
        Assert.Equal(HttpStatusCode.OK, right.StatusCode);
        using var metrics = new HttpRequestMessage(HttpMethod.Get, "/metrics") { Headers = { { "x-api-key", keys[Role.Viewer] } } };
        using HttpResponseMessage counted = await host.Client.SendAsync(metrics, Cancellation);
        string text = await counted.Content.ReadAsStringAsync(Cancellation);
        
        // Hosts of other tests in this process may have counted too.
        Assert.Matches("modeldrop_access_refused\\{reason=\"WrongKey\"\\} ([3-9]|\\d\\d)", text);
        Assert.Matches("modeldrop_access_refused\\{reason=\"TooManyAttempts\"\\} ([2-9]|\\d\\d)", text);
    }

    [Fact]
    public async Task Keys_ByTheApi_AreCreatedListedAndRevoked()
    {
        await using TestHost host = await AppHost.StartAsync(azurite);

        JsonElement first = await SendAsync(host, HttpMethod.Post, "/api/keys", null, """{"name":"Ann","role":"owner"}""", 201);
        string owner = first.GetProperty("key").GetString()!;
        JsonElement made = await SendAsync(
            host, HttpMethod.Post, "/api/keys", owner, """{"name":"shop","role":"scorer","scope":["model:flights"]}""", 201);
        string scorer = made.GetProperty("key").GetString()!;
        string id = made.GetProperty("details").GetProperty("id").GetString()!;
        JsonElement list = await SendAsync(host, HttpMethod.Get, "/api/keys", owner, null, 200);
        await SendAsync(host, HttpMethod.Get, "/v2/models/flights", scorer, null, 404);
        await SendAsync(host, HttpMethod.Delete, $"/api/keys/{id}", scorer, null, 403);
        JsonElement revoked = await SendAsync(host, HttpMethod.Delete, $"/api/keys/{id}", owner, null, 200);

        Assert.Equal("Ann", revoked.GetProperty("revokedBy").GetString());
        Assert.Equal("local", first.GetProperty("details").GetProperty("createdBy").GetString());
        Assert.Equal(2, list.GetProperty("keys").GetArrayLength());
        Assert.DoesNotContain(scorer[17..], list.GetRawText(), StringComparison.Ordinal);
        await SendAsync(host, HttpMethod.Get, "/v2/models/flights", scorer, null, 401);
        await SendAsync(host, HttpMethod.Get, "/api/keys", null, null, 401);
    }

    [Fact]
    public async Task Principal_ClaimedByAHeader_IsIgnored()
    {
        await using TestHost host = await AppHost.StartAsync(azurite);
        Dictionary<Role, string> keys = await AppHost.KeysAsync(host);
        using var alone = new HttpRequestMessage(HttpMethod.Get, "/api/models") { Headers = { { "X-MS-CLIENT-PRINCIPAL-NAME", "boss" } } };
        using var beside = new HttpRequestMessage(HttpMethod.Post, "/api/keys")
        {
            Headers = { { "X-MS-CLIENT-PRINCIPAL-NAME", "boss" }, { "x-api-key", keys[Role.Owner] } },
            Content = new StringContent("""{"name":"made","role":"viewer"}"""),
        };

        using HttpResponseMessage refused = await host.Client.SendAsync(alone, Cancellation);
        using HttpResponseMessage made = await host.Client.SendAsync(beside, Cancellation);

        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        var details = JsonElement.Parse(await made.Content.ReadAsStringAsync(Cancellation)).GetProperty("details");
        Assert.Equal("the Owner", details.GetProperty("createdBy").GetString());
    }

    [Fact]
    public async Task Start_OnAnAddressThatOthersCanReach_PrintsAnOwnerKeyOnce()
    {
        string unique = Guid.NewGuid().ToString("N")[..8];
        string key;
        await using (TestHost first = await AppHost.StartAsync(azurite, unique, settings: ("urls", "http://0.0.0.0:0")))
        {
            await Poll.UntilAsync(() => first.Log.Entries.Any(entry => entry.Id == 1000), "the first key");
            string line = Assert.Single(first.Log.Entries, entry => entry.Id == 1000).Message;
            key = line[line.IndexOf("mdk-", StringComparison.Ordinal)..][..81];
        }

        await using TestHost second = await AppHost.StartAsync(azurite, unique);
        using HttpResponseMessage without = await second.Client.GetAsync("/api/models", Cancellation);
        using HttpResponseMessage with = await SendAsync(second, key);

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (without.StatusCode, with.StatusCode));
        Assert.DoesNotContain(second.Log.Entries, entry => entry.Id == 1000);
    }

    private static void Add(HttpRequestMessage request, string header, string? value)
    {
        if (value is not null)
        {
            request.Headers.TryAddWithoutValidation(header, value);
        }
    }

    private static async Task<JsonElement> SendAsync(
        TestHost host, HttpMethod method, string path, string? key, string? body, int expected)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body) };
        AppHost.Authorize(request, key is null ? "none" : "bearer", key ?? "");
        using HttpResponseMessage response = await host.Client.SendAsync(request, Cancellation);
        string text = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True((int)response.StatusCode == expected, $"{method} {path}: {(int)response.StatusCode} {text}");
        return JsonElement.Parse(text);
    }

    private static Task<HttpResponseMessage> SendAsync(TestHost host, string key) =>
        host.Client.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/api/models") { Headers = { { "x-api-key", key } } }, Cancellation);

    private static async Task<string> MemberAsync(HttpResponseMessage response, string member) =>
        JsonElement.Parse(await response.Content.ReadAsStringAsync(Cancellation)).GetProperty(member).GetString()!;
}
