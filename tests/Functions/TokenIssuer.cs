using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Modeldrop.Tests.Functions;

/// <summary>An issuer of tokens with a discovery document, on this machine.</summary>
internal sealed class TokenIssuer : IAsyncDisposable
{
    public const string Audience = "11111111-2222-3333-4444-555555555555";

    private readonly RSA _rsa = RSA.Create(2048);
    private readonly WebApplication _server;

    private TokenIssuer(WebApplication server) => _server = server;

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
        }));
        server.MapGet("/keys", () =>
        {
            JsonWebKey key = JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(issuer._rsa.ExportParameters(false)));
            return Results.Json(new { keys = new[] { new { kty = "RSA", use = "sig", kid = "one", n = key.N, e = key.E } } });
        });
        await server.StartAsync();
        return issuer;
    }

    /// <summary>A token that is valid for five minutes.</summary>
    /// <param name="claims">Beside issuer, audience and time.</param>
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

    /// <summary>The public key as the secret of a symmetric signature: what a careless check would take.</summary>
    public SecurityKey PublicAsSecret() => new SymmetricSecurityKey(_rsa.ExportSubjectPublicKeyInfo()) { KeyId = "one" };

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _rsa.Dispose();
    }
}
