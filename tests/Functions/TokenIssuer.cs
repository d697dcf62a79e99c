using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Modeldrop.Tests.Functions;

/// <summary>A local token issuer with a discovery document.</summary>
internal sealed class TokenIssuer : IAsyncDisposable
{
    public const string Audience = "11111111-2222-3333-4444-555555555555";

    public const string Secret = "the app's secret";

    private readonly ConcurrentDictionary<string, Asked> _codes = new(StringComparer.Ordinal);
    private readonly RSA _rsa = RSA.Create(2048);
    private readonly WebApplication _server;

    private TokenIssuer(WebApplication server) => _server = server;

    /// <summary>The person of the next sign-in; null: the person declines.</summary>
    public Dictionary<string, object>? Person { get; set; }

    /// <summary>The nonce of the next token; null: the requested one.</summary>
    public string? Nonce { get; set; }

    /// <summary>The audience of the next token.</summary>
    public string TokenAudience { get; set; } = Audience;

    public string Authority => _server.Urls.Single();

    public SecurityKey Key => new RsaSecurityKey(_rsa) { KeyId = "one" };

    public static async Task<TokenIssuer> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication server = builder.Build();
        var issuer = new TokenIssuer(server);
        server.MapGet("/.well-known/openid-configuration", () => Results.Json(new
        {
            issuer = issuer.Authority,
            jwks_uri = $"{issuer.Authority}/keys",
            authorization_endpoint = $"{issuer.Authority}/authorize",
            token_endpoint = $"{issuer.Authority}/token",
        }));
        server.MapGet("/authorize", issuer.Authorize);
        server.MapPost("/token", issuer.Redeem).DisableAntiforgery();
        server.MapGet("/keys", () =>
        {
            JsonWebKey key = JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(issuer._rsa.ExportParameters(false)));
            return Results.Json(new { keys = new[] { new { kty = "RSA", use = "sig", kid = "one", n = key.N, e = key.E } } });
        });
        await server.StartAsync();
        return issuer;
    }

    /// <summary>A token that is valid for five minutes.</summary>
    /// <param name="claims">Claims in addition to issuer, audience and time.</param>
    public string Token(
        Dictionary<string, object> claims, string? issuer = null, string? audience = null, TimeSpan? ends = null, SecurityKey? key = null)
    {
        DateTime now = TimeProvider.System.GetUtcNow().UtcDateTime;
        DateTime end = now + (ends ?? TimeSpan.FromMinutes(5));
        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer ?? Authority,
            Audience = audience ?? Audience,
            NotBefore = end.AddHours(-1),
            IssuedAt = end.AddHours(-1),
            Expires = end,
            Claims = claims,
            SigningCredentials = key is SymmetricSecurityKey
                ? new SigningCredentials(key, SecurityAlgorithms.HmacSha256)
                : new SigningCredentials(key ?? Key, SecurityAlgorithms.RsaSha256),
        });
    }

    /// <summary>Redirects the browser back at once, because the person is already signed in here.</summary>
    private IResult Authorize(HttpRequest request)
    {
        string back = request.Query["redirect_uri"].ToString();
        string state = Uri.EscapeDataString(request.Query["state"].ToString());
        if (Person is null)
        {
            return Results.Redirect($"{back}?error=access_denied&state={state}");
        }

        string code = Guid.NewGuid().ToString("N");
        _codes[code] = new Asked(back, request.Query["nonce"].ToString(), request.Query["code_challenge"].ToString());
        return Results.Redirect($"{back}?code={code}&state={state}");
    }

    /// <summary>Exchanges a code for one token, if the caller knows the secret and the code verifier.</summary>
    private IResult Redeem([FromForm] IFormCollection form)
    {
        string verifier = Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString())));
        return form["client_secret"] == Secret && form["client_id"] == Audience
            && _codes.TryRemove(form["code"].ToString(), out Asked? asked)
            && asked.Challenge == verifier && asked.Back == form["redirect_uri"]
            ? Results.Json(new
            {
                id_token = Token(new(Person!) { ["nonce"] = Nonce ?? asked.Nonce, ["sub"] = "s-1" }, audience: TokenAudience),
                access_token = "opaque",
                token_type = "Bearer",
                expires_in = 300,
            })
            : Results.Json(new { error = "invalid_grant" }, statusCode: StatusCodes.Status400BadRequest);
    }

    private sealed record Asked(string Back, string Nonce, string Challenge);

    /// <summary>The public key as the secret of a symmetric signature, which a careless check would accept.</summary>
    public SecurityKey PublicAsSecret() => new SymmetricSecurityKey(_rsa.ExportSubjectPublicKeyInfo()) { KeyId = "one" };

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _rsa.Dispose();
    }
}
