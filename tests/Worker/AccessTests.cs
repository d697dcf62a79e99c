using System.Net;
using System.Text.Json;

namespace Modeldrop.Tests.Worker;

/// <summary>The worker checks keys itself, because the host in front of it does not.</summary>
public sealed class AccessTests(WorkerFixture fixture) : WorkerTests(fixture)
{
    [Theory]
    [InlineData("GET", "/api/models", HttpStatusCode.Unauthorized)]
    [InlineData("GET", "/v2/models", HttpStatusCode.Unauthorized)]
    [InlineData("GET", "/models/m/ping", HttpStatusCode.Unauthorized)]
    [InlineData("POST", "/api/models/m/versions", HttpStatusCode.Unauthorized)]
    [InlineData("GET", "/v2/health/live", HttpStatusCode.OK)]
    [InlineData("GET", "/sign-in", HttpStatusCode.OK)]
    public async Task Request_WithoutAKey_IsNotServedEvenToThisMachine(string method, string path, HttpStatusCode expected)
    {
        using HttpResponseMessage response = await SendAsync(new HttpRequestMessage(new HttpMethod(method), path));

        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task Page_WithoutAKey_RedirectsToTheSignIn()
    {
        using HttpResponseMessage response = await SendAsync(
            new HttpRequestMessage(HttpMethod.Get, "/?model=m") { Headers = { { "Accept", "text/html" } } });

        Assert.Equal(HttpStatusCode.Found, response.StatusCode);
        Assert.Equal("/sign-in?to=%2F%3Fmodel%3Dm", response.Headers.Location?.ToString());
    }

    [Fact]
    public async Task Key_ForOneModel_OpensOnlyThisModel()
    {
        using HttpResponseMessage made = await PostAsync(
            "/api/keys", """{"name":"a viewer","role":"viewer","scope":["model:flights"]}""");
        string key = JsonElement.Parse(await made.Content.ReadAsStringAsync(Cancellation)).GetProperty("key").GetString()!;

        foreach ((string path, HttpStatusCode expected) in ((string, HttpStatusCode)[])
            [("/api/models/flights", HttpStatusCode.NotFound), ("/api/models/iris", HttpStatusCode.Forbidden),
                ("/v2/models/flights", HttpStatusCode.NotFound), ("/v2/models/iris", HttpStatusCode.Forbidden)])
        {
            using HttpResponseMessage response = await SendAsync(
                new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Authorization", $"Bearer {key}" } } });

            Assert.Equal((path, expected), (path, response.StatusCode));
        }
    }

    [Fact]
    public async Task Token_OfTheIssuer_OpensTheRoutesOfItsRoles()
    {
        string viewer = Fixture.Issuer.Token(new() { ["preferred_username"] = "ann@example.com", ["roles"] = new[] { "viewer" } });

        foreach ((string path, HttpStatusCode expected) in ((string, HttpStatusCode)[])
            [("/api/models", HttpStatusCode.OK), ("/api/keys", HttpStatusCode.Forbidden)])
        {
            using HttpResponseMessage response = await SendAsync(
                new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Authorization", $"Bearer {viewer}" } } });

            Assert.Equal((path, expected), (path, response.StatusCode));
        }
    }

    [Fact]
    public async Task SignIn_ByRedirectToTheIssuer_OpensASession()
    {
        Fixture.Issuer.Person = new() { ["preferred_username"] = "ann@example.com", ["roles"] = new[] { "viewer" } };
        using HttpResponseMessage begin = await SendAsync(new HttpRequestMessage(HttpMethod.Get, "/sign-in/entra?to=/console/audit"));
        using var issuer = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        using HttpResponseMessage known = await issuer.GetAsync(begin.Headers.Location, Cancellation);

        using HttpResponseMessage end = await SendAsync(new HttpRequestMessage(HttpMethod.Get, known.Headers.Location!.PathAndQuery)
        {
            Headers = { { "Cookie", CookiesOf(begin) } },
        });

        Assert.Equal((HttpStatusCode.Found, "/console/audit"), (end.StatusCode, end.Headers.Location?.ToString()));
        using HttpResponseMessage page = await SendAsync(
            new HttpRequestMessage(HttpMethod.Get, "/console/audit") { Headers = { { "Cookie", CookiesOf(end) } } });
        Assert.Contains("ann@example.com", await page.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    private static string CookiesOf(HttpResponseMessage response) =>
        string.Join("; ", response.Headers.GetValues("Set-Cookie").Select(cookie => cookie.Split(';')[0]));

    private Task<HttpResponseMessage> SendAsync(HttpRequestMessage request)
    {
        request.Options.Set(WorkerHost.OwnKeyOnly, true);
        return Worker.SendAsync(request, Cancellation);
    }
}
