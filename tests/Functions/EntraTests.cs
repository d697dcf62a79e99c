using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;
using Modeldrop.Access;
using Modeldrop.Tests.Standalone;

namespace Modeldrop.Tests.Functions;

/// <summary>Tokens of an issuer, and the headers of a platform that signs people in.</summary>
public sealed class EntraTests(AzuriteFixture azurite)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Token_RolesAndGroups_DetermineItsPermissions()
    {
        await using TokenIssuer issuer = await TokenIssuer.StartAsync();
        await using TestHost host = await StartAsync(issuer, "77ab=publisher model:flights; Boss=owner");
        string viewer = issuer.Token(new() { ["preferred_username"] = "ann@example.com", ["roles"] = new[] { "viewer" } });
        string grouped = issuer.Token(new() { ["preferred_username"] = "ben@example.com", ["groups"] = new[] { "77ab", "other" } });
        string boss = issuer.Token(new() { ["appid"] = "a-pipeline", ["idtyp"] = "app", ["roles"] = new[] { "Boss" } });
        string nobody = issuer.Token(new() { ["preferred_username"] = "cid@example.com", ["roles"] = new[] { "Reader" } });

        foreach ((string token, string method, string path, int expected) in ((string, string, string, int)[])
            [(viewer, "GET", "/api/models", 200), (viewer, "POST", "/api/models/flights/versions", 403), (viewer, "GET", "/api/keys", 403),
                (grouped, "GET", "/api/models/flights", 404), (grouped, "POST", "/v2/models/flights/infer", 404),
                (grouped, "GET", "/api/models/iris", 403), (boss, "GET", "/api/keys", 200), (nobody, "GET", "/api/models", 403)])
        {
            Assert.Equal((path, expected), (path, await SendAsync(host, method, path, token)));
        }
    }

    [Fact]
    public async Task Token_NotIssuedForThisApp_IsRefused()
    {
        await using TokenIssuer issuer = await TokenIssuer.StartAsync();
        await using TestHost host = await StartAsync(issuer, "");
        Dictionary<string, object> owner = new() { ["preferred_username"] = "ann@example.com", ["roles"] = new[] { "owner" } };
        using var rsa = RSA.Create(2048);
        string good = issuer.Token(owner);
        string[] parts = good.Split('.');
        string header = Convert.ToBase64String(Encoding.UTF8.GetBytes("""{"alg":"none","typ":"JWT"}""")).TrimEnd('=');

        (string What, string Token)[] wrong =
        [
            ("issuer", issuer.Token(owner, issuer: "https://login.microsoftonline.com/other/v2.0")),
            ("audience", issuer.Token(owner, audience: "another-app")),
            ("expired", issuer.Token(owner, ends: TimeSpan.FromMinutes(-2))),
            ("key", issuer.Token(owner, key: new RsaSecurityKey(rsa) { KeyId = "one" })),
            ("symmetric", issuer.Token(owner, key: issuer.PublicAsSecret())),
            ("none", $"{header}.{parts[1]}."),
            ("no signature", $"{parts[0]}.{parts[1]}."),
            ("changed", $"{parts[0]}.{parts[1][..^2]}AA.{parts[2]}"),
        ];
        Assert.Equal(200, await SendAsync(host, "GET", "/api/keys", good));
        foreach ((string what, string token) in wrong)
        {
            Assert.Equal((what, 401), (what, await SendAsync(host, "GET", "/api/keys", token)));
        }
    }

    [Fact]
    public async Task Token_WithoutAConfiguredIssuer_IsRefused()
    {
        await using TokenIssuer issuer = await TokenIssuer.StartAsync();
        await using TestHost host = await AppHost.StartAsync(azurite);
        await AppHost.KeysAsync(host);

        Assert.Equal(401, await SendAsync(host, "GET", "/api/models", issuer.Token(new() { ["roles"] = new[] { "owner" } })));
    }

    [Fact]
    public async Task Token_OfAPerson_NamesThePersonInTheAuditTrail()
    {
        await using TokenIssuer issuer = await TokenIssuer.StartAsync();
        await using TestHost host = await StartAsync(issuer, "");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/keys")
        {
            Content = new StringContent("""{"name":"shop","role":"scorer"}"""),
        };
        AppHost.Authorize(request, "bearer", issuer.Token(
            new() { ["preferred_username"] = "ann@example.com", ["oid"] = "0b1d", ["roles"] = new[] { "owner" } }));

        using HttpResponseMessage response = await host.Client.SendAsync(request, Cancellation);

        JsonElement made = JsonElement.Parse(await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal("ann@example.com", made.GetProperty("details").GetProperty("createdBy").GetString());
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.Client.GetAsync("/api/models", Cancellation)).StatusCode);
    }

    [Theory]
    [InlineData(true, "GET", null, 200)]
    [InlineData(true, "POST", null, 200)]
    [InlineData(true, "POST", "http://evil.example", 403)]
    [InlineData(false, "GET", null, 401)]
    public async Task PlatformHeader_CountsOnlyIfThePlatformSignsIn(bool isOn, string method, string? origin, int expected)
    {
        var access = new AccessHost(LoopbackOnly: false, MayMakeFirstKey: false) { PlatformSignsIn = isOn };
        await using TestHost host = await AppHost.StartAsync(azurite, access: access);
        using var request = new HttpRequestMessage(new HttpMethod(method), method == "GET" ? "/v2/models" : "/v2/repository/index");
        string principal =
            """{"auth_typ":"aad","claims":[{"typ":"preferred_username","val":"ann@example.com"},{"typ":"roles","val":"viewer"}]}""";
        request.Headers.Add("X-MS-CLIENT-PRINCIPAL", Convert.ToBase64String(Encoding.UTF8.GetBytes(principal)));
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        using HttpResponseMessage response = await host.Client.SendAsync(request, Cancellation);

        Assert.Equal(expected, (int)response.StatusCode);
    }

    private Task<TestHost> StartAsync(TokenIssuer issuer, string grants) => AppHost.StartAsync(
        azurite, settings:
        [
            ("Access:Entra:Authority", issuer.Authority), ("Access:Entra:Audience", TokenIssuer.Audience), ("Access:Entra:Grants", grants),
        ]);

    private static async Task<int> SendAsync(TestHost host, string method, string path, string token)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        AppHost.Authorize(request, "bearer", token);
        using HttpResponseMessage response = await host.Client.SendAsync(request, Cancellation);
        return (int)response.StatusCode;
    }
}
