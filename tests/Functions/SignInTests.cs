using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Modeldrop.Access;
using Modeldrop.Tests.Standalone;

namespace Modeldrop.Tests.Functions;

/// <summary>Browsers that sign in and out, and the attempts of other sites and thieves.</summary>
public sealed partial class SignInTests(AzuriteFixture azurite)
{
    private const string Page = "text/html,application/xhtml+xml";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Page_WithoutASession_RedirectsToTheSignInAndBack()
    {
        await using TestHost host = await AppHost.StartAsync(azurite);
        await AppHost.KeysAsync(host);
        using var browser = new Visitor(host);

        (HttpStatusCode status, string to, _) = await browser.GetAsync("/?model=flights");

        Assert.Equal((HttpStatusCode.Found, "/sign-in?to=%2F%3Fmodel%3Dflights"), (status, to));
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.GetAsync("/v2/models")).Status);
        (_, _, string form) = await browser.GetAsync(to);
        Assert.Contains("name=\"to\" value=\"/?model=flights\"", form, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Key_SignsIn_AndTheSessionEndsAtTheSignOut()
    {
        await using TestHost host = await AppHost.StartAsync(azurite);
        Dictionary<Role, string> keys = await AppHost.KeysAsync(host);
        using var browser = new Visitor(host);
        using var thief = new Visitor(host);

        (HttpStatusCode status, string to, _) = await browser.SignInAsync(keys[Role.Owner], "/?page=1");
        Assert.Equal((HttpStatusCode.Found, "/?page=1"), (status, to));
        Assert.Matches("modeldrop-session=[0-9a-f]{64}; max-age=28800; path=/; samesite=strict; httponly", browser.SetCookie);
        (_, _, string page) = await browser.GetAsync("/");
        Assert.Contains("the Owner", page, StringComparison.Ordinal);
        string csrf = Csrf().Match(page).Groups["csrf"].Value;
        thief.Cookie = browser.Cookie;
        Assert.Equal(HttpStatusCode.OK, (await thief.GetAsync("/api/models")).Status);

        Assert.Equal(HttpStatusCode.Forbidden, (await browser.PostAsync("/sign-out", ("csrf", "0"))).Status);
        Assert.Equal("/sign-in", (await browser.PostAsync("/sign-out", ("csrf", csrf))).To);

        (HttpStatusCode stolen, _, _) = await thief.GetAsync("/api/models", accept: "application/json");
        Assert.Equal(HttpStatusCode.Unauthorized, stolen);
    }

    [Fact]
    public async Task Session_OfARevokedKey_Ends()
    {
        await using TestHost host = await AppHost.StartAsync(azurite);
        await AppHost.KeysAsync(host);
        string viewer = await AppHost.CreateAsync(host, Role.Viewer);
        using var browser = new Visitor(host);
        await browser.SignInAsync(viewer, "/");
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/api/models")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.GetAsync("/api/keys")).Status);

        await host.Services.GetRequiredService<KeyService>().RevokeAsync(KeyText.IdOf(viewer).ToString(), "test", Cancellation);

        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.GetAsync("/api/models", accept: "application/json")).Status);
    }

    [Theory]
    [InlineData(null, null, HttpStatusCode.Forbidden)]
    [InlineData("wrong", null, HttpStatusCode.Forbidden)]
    [InlineData("page", "http://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("page", null, HttpStatusCode.Created)]
    [InlineData("page", "self", HttpStatusCode.Created)]
    public async Task Change_ByASession_NeedsTheTokenOfThePage(string? token, string? origin, HttpStatusCode expected)
    {
        await using TestHost host = await AppHost.StartAsync(azurite);
        Dictionary<Role, string> keys = await AppHost.KeysAsync(host);
        using var browser = new Visitor(host);
        await browser.SignInAsync(keys[Role.Owner], "/");
        (_, _, string page) = await browser.GetAsync("/");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/keys")
        {
            Content = new StringContent("""{"name":"made","role":"viewer"}"""),
        };
        if (token is not null)
        {
            request.Headers.Add("X-Modeldrop-Csrf", token == "page" ? Csrf().Match(page).Groups["csrf"].Value : token);
        }

        if (origin is not null)
        {
            request.Headers.Add("Origin", origin == "self" ? host.Client.BaseAddress!.GetLeftPart(UriPartial.Authority) : origin);
        }

        Assert.Equal(expected, (await browser.SendAsync(request)).Status);
    }

    [Fact]
    public async Task SignIn_WrongKeyOrForeignPage_OpensNoSession()
    {
        await using TestHost host = await AppHost.StartAsync(azurite);
        Dictionary<Role, string> keys = await AppHost.KeysAsync(host);
        using var browser = new Visitor(host);

        (HttpStatusCode status, _, string page) = await browser.SignInAsync("mdk-wrong", "/");
        (HttpStatusCode foreign, _, _) = await browser.SignInAsync(keys[Role.Owner], "/", origin: "http://evil.example");

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden), (status, foreign));
        Assert.Contains("does not belong to this installation", page, StringComparison.Ordinal);
        Assert.Null(browser.Cookie);
    }

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("javascript:alert(1)")]
    public async Task SignIn_ReturnAddressOnAnotherSite_LeadsHome(string to)
    {
        await using TestHost host = await AppHost.StartAsync(azurite);
        Dictionary<Role, string> keys = await AppHost.KeysAsync(host);
        using var browser = new Visitor(host);

        Assert.Equal("/", (await browser.SignInAsync(keys[Role.Owner], to)).To);
    }

    [Fact]
    public async Task OneTimeLink_SignsIn_Once()
    {
        await using TestHost host = await AppHost.StartAsync(azurite);
        await AppHost.KeysAsync(host);
        string code = host.Services.GetRequiredService<SignInLinks>().Make();
        using var browser = new Visitor(host);
        using var second = new Visitor(host);

        (_, _, string form) = await browser.GetAsync($"/sign-in?once={code}");
        Assert.Contains(code, form, StringComparison.Ordinal);
        Assert.Equal("/", (await browser.PostAsync("/sign-in", ("once", code), ("to", "/"))).To);

        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/api/keys")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await second.PostAsync("/sign-in", ("once", code), ("to", "/"))).Status);
    }

    [Fact]
    public async Task KeysPage_CreatesAKeyShowsItOnceAndRevokesIt()
    {
        await using TestHost host = await AppHost.StartAsync(azurite);
        using var browser = new Visitor(host);

        (_, _, string empty) = await browser.GetAsync("/console/keys");
        (_, _, string made) = await browser.PostAsync("/console/keys", ("name", "<b>Ann</b>"), ("role", "owner"));
        string owner = KeyPattern().Match(made).Value;
        await browser.SignInAsync(owner, "/");
        (_, _, string listed) = await browser.GetAsync("/console/keys");
        string csrf = Csrf().Match(listed).Groups["csrf"].Value;
        (_, _, string refused) = await browser.PostAsync(
            "/console/keys", ("csrf", csrf), ("name", "shop"), ("role", "scorer"), ("scope", "flights"));
        (_, _, string second) = await browser.PostAsync(
            "/console/keys", ("csrf", csrf), ("name", "shop"), ("role", "scorer"), ("scope", "model:flights"), ("days", "30"));
        string scorer = KeyPattern().Match(second).Value;
        (_, string to, _) = await browser.PostAsync($"/console/keys/{KeyText.IdOf(scorer)}/revoke", ("csrf", csrf));
        (_, _, string last) = await browser.GetAsync(to);

        Assert.Contains("There is no key yet", empty, StringComparison.Ordinal);
        Assert.Contains("&lt;b&gt;Ann&lt;/b&gt;", listed, StringComparison.Ordinal);
        Assert.DoesNotContain(owner, listed, StringComparison.Ordinal);
        Assert.Contains("must be &#x27;model:&lt;name&gt;&#x27;", refused, StringComparison.Ordinal);
        Assert.Contains("revoked", last, StringComparison.Ordinal);
    }

    /// <summary>A browser that keeps the session's cookie and does not follow redirects, so that a test sees them.</summary>
    private sealed class Visitor(TestHost host) : IDisposable
    {
        private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            BaseAddress = host.Client.BaseAddress,
        };

        public string? Cookie { get; set; }

        public string SetCookie { get; private set; } = "";

        public Task<(HttpStatusCode Status, string To, string Body)> GetAsync(string path, string accept = Page)
        {
            var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Add("Accept", accept);
            return SendAsync(request);
        }

        public Task<(HttpStatusCode Status, string To, string Body)> PostAsync(string path, params (string Name, string Value)[] fields) =>
            SendAsync(new HttpRequestMessage(HttpMethod.Post, path)
            {
                Content = new FormUrlEncodedContent(fields.ToDictionary(field => field.Name, field => field.Value)),
            });

        public Task<(HttpStatusCode Status, string To, string Body)> SignInAsync(string key, string to, string? origin = null)
        {
            var request = new HttpRequestMessage(HttpMethod.Post, "/sign-in")
            {
                Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["key"] = key, ["to"] = to }),
            };
            request.Headers.Add("Origin", origin ?? host.Client.BaseAddress!.GetLeftPart(UriPartial.Authority));
            return SendAsync(request);
        }

        public async Task<(HttpStatusCode Status, string To, string Body)> SendAsync(HttpRequestMessage request)
        {
            using HttpRequestMessage sent = request;
            if (Cookie is not null)
            {
                request.Headers.Add("Cookie", Cookie);
            }

            using HttpResponseMessage response = await _http.SendAsync(request, Cancellation);
            if (response.Headers.TryGetValues("Set-Cookie", out IEnumerable<string>? cookies))
            {
                SetCookie = cookies.Last();
                string pair = SetCookie.Split(';')[0];
                Cookie = pair.EndsWith('=') ? null : pair;
            }

            return (
                response.StatusCode, response.Headers.Location?.ToString() ?? "", await response.Content.ReadAsStringAsync(Cancellation));
        }

        public void Dispose() => _http.Dispose();
    }

    [GeneratedRegex("modeldrop-csrf\" content=\"(?<csrf>[0-9a-f]+)\"")]
    private static partial Regex Csrf();

    [GeneratedRegex("mdk-[0-9a-f]{12}-[0-9a-f]{64}")]
    private static partial Regex KeyPattern();
}
