using System.Net;
using System.Text.RegularExpressions;
using Modeldrop.Tests.Standalone;

namespace Modeldrop.Tests.Functions;

/// <summary>Sign-in of people by a redirect to an issuer and back.</summary>
public sealed partial class EntraSignInTests(AzuriteFixture azurite)
{
    private static readonly Dictionary<string, object> Ann = new()
    {
        ["preferred_username"] = "ann@example.com",
        ["oid"] = "0b1d",
        ["roles"] = new[] { "owner" },
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SignIn_PersonWithARole_OpensASessionInTheirName()
    {
        await using TokenIssuer issuer = await TokenIssuer.StartAsync();
        await using TestHost host = await StartAsync(issuer);
        using var browser = new Browser();
        issuer.Person = Ann;
        Uri app = host.Client.BaseAddress!;

        string form = await browser.ReadAsync(new Uri(app, "/sign-in?to=/console/keys"));
        Uri begin = new(app, WebUtility.HtmlDecode(Link().Match(form).Groups["to"].Value));
        Uri issuerPage = await browser.FollowAsync(begin);
        Assert.StartsWith($"{issuer.Authority}/authorize?", issuerPage.ToString(), StringComparison.Ordinal);
        Uri page = await browser.FollowAsync(await browser.FollowAsync(issuerPage));

        Assert.Matches("modeldrop-session=[0-9a-f]{64}; max-age=28800; path=/; samesite=lax; httponly", browser.SetCookie);
        Assert.Equal(new Uri(app, "/console/keys"), page);
        Assert.Contains("ann@example.com", await browser.ReadAsync(page), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignIn_StartedOnAnotherInstance_Completes()
    {
        await using TokenIssuer issuer = await TokenIssuer.StartAsync();
        string unique = Guid.NewGuid().ToString("N")[..8];
        await using TestHost first = await StartAsync(issuer, unique);
        await using TestHost second = await StartAsync(issuer, unique);
        using var browser = new Browser();
        issuer.Person = Ann;

        Uri back = await browser.FollowAsync(await browser.FollowAsync(new Uri(first.Client.BaseAddress!, "/sign-in/entra?to=/")));
        Uri page = await browser.FollowAsync(new Uri(second.Client.BaseAddress!, back.PathAndQuery));

        Assert.Equal(new Uri(second.Client.BaseAddress!, "/"), page);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync(page)).Status);
    }

    [Fact]
    public async Task SignIn_PersonWithoutARole_GetsAnErrorAndNoSession()
    {
        await using TokenIssuer issuer = await TokenIssuer.StartAsync();
        await using TestHost host = await StartAsync(issuer);
        using var browser = new Browser();
        issuer.Person = new() { ["preferred_username"] = "cid@example.com", ["roles"] = new[] { "Reader" } };

        (HttpStatusCode status, string text) = await browser.GetAsync(await BackAsync(host, browser));

        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Contains("cid@example.com", text, StringComparison.Ordinal);
        Assert.DoesNotContain("modeldrop-session", browser.SetCookie, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("refused", "access_denied")]
    [InlineData("state", "")]
    [InlineData("code", "")]
    [InlineData("nonce", "")]
    [InlineData("audience", "")]
    [InlineData("stolen", "Correlation")]
    [InlineData("twice", "")]
    public async Task SignIn_RefusedForgedStolenOrRepeated_OpensNoSession(string what, string expected)
    {
        await using TokenIssuer issuer = await TokenIssuer.StartAsync();
        await using TestHost host = await StartAsync(issuer);
        using var browser = new Browser();
        using var thief = new Browser();
        issuer.Person = what == "refused" ? null : Ann;
        issuer.Nonce = what == "nonce" ? "another" : null;
        issuer.TokenAudience = what == "audience" ? "another-app" : TokenIssuer.Audience;
        Uri back = await BackAsync(host, browser);
        if (what == "twice")
        {
            await browser.FollowAsync(back);
        }

        Browser last = what is "stolen" or "twice" ? thief : browser;
        (HttpStatusCode status, string text) = await last.GetAsync(what switch
        {
            "state" => new Uri(back.ToString().Replace("state=", "state=x", StringComparison.Ordinal)),
            "code" => new Uri(back.ToString().Replace("code=", "code=x", StringComparison.Ordinal)),
            _ => back,
        });

        Assert.Equal(HttpStatusCode.Unauthorized, status);
        Assert.Contains("The sign-in did not succeed", text, StringComparison.Ordinal);
        Assert.Contains(expected, text, StringComparison.Ordinal);
        Assert.DoesNotContain("modeldrop-session", last.SetCookie, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("//evil.example/")]
    [InlineData("https://evil.example/")]
    [InlineData("/\\evil.example")]
    public async Task SignIn_ReturnAddressOnAnotherSite_LeadsToTheFirstPage(string to)
    {
        await using TokenIssuer issuer = await TokenIssuer.StartAsync();
        await using TestHost host = await StartAsync(issuer);
        using var browser = new Browser();
        issuer.Person = Ann;

        Uri page = await browser.FollowAsync(await BackAsync(host, browser, to));

        Assert.Equal(new Uri(host.Client.BaseAddress!, "/"), page);
    }

    [Fact]
    public async Task SignIn_WithoutASecret_IsRefusedWithAReason()
    {
        await using TestHost host = await AppHost.StartAsync(azurite);
        await AppHost.KeysAsync(host);
        using var browser = new Browser();

        (HttpStatusCode status, string text) = await browser.GetAsync(new Uri(host.Client.BaseAddress!, "/sign-in/entra"));

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("Access__Entra__ClientSecret", text, StringComparison.Ordinal);
        Assert.DoesNotContain(
            "sign-in/entra", await browser.ReadAsync(new Uri(host.Client.BaseAddress!, "/sign-in")), StringComparison.Ordinal);
    }

    /// <summary>The address that the issuer redirects the browser back to.</summary>
    private static async Task<Uri> BackAsync(TestHost host, Browser browser, string to = "/") =>
        await browser.FollowAsync(
            await browser.FollowAsync(new Uri(host.Client.BaseAddress!, $"/sign-in/entra?to={Uri.EscapeDataString(to)}")));

    private Task<TestHost> StartAsync(TokenIssuer issuer, string? unique = null) => AppHost.StartAsync(
        azurite, unique, access: null,
        ("Access:Entra:Authority", issuer.Authority),
        ("Access:Entra:Audience", TokenIssuer.Audience),
        ("Access:Entra:ClientSecret", TokenIssuer.Secret));

    [GeneratedRegex("href=\"(?<to>/sign-in/entra[^\"]*)\"")]
    private static partial Regex Link();

    /// <summary>Keeps cookies and follows redirects one step at a time.</summary>
    private sealed class Browser : IDisposable
    {
        private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new() });

        public string SetCookie { get; private set; } = "";

        public async Task<(HttpStatusCode Status, string Text)> GetAsync(Uri page)
        {
            using HttpResponseMessage response = await SendAsync(page);
            return (response.StatusCode, await response.Content.ReadAsStringAsync(Cancellation));
        }

        public async Task<string> ReadAsync(Uri page)
        {
            (HttpStatusCode status, string text) = await GetAsync(page);
            Assert.Equal(HttpStatusCode.OK, status);
            return text;
        }

        /// <summary>The redirect target of a page.</summary>
        public async Task<Uri> FollowAsync(Uri page)
        {
            using HttpResponseMessage response = await SendAsync(page);
            Assert.Equal(HttpStatusCode.Found, response.StatusCode);
            return new Uri(page, response.Headers.Location!);
        }

        public void Dispose() => _client.Dispose();

        private async Task<HttpResponseMessage> SendAsync(Uri page)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, page) { Headers = { { "Accept", "text/html" } } };
            HttpResponseMessage response = await _client.SendAsync(request, Cancellation);
            SetCookie = response.Headers.TryGetValues("Set-Cookie", out IEnumerable<string>? cookies) ? string.Join('\n', cookies) : "";
            return response;
        }
    }
}
