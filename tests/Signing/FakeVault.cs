using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Azure.Core;
using Azure.Core.Pipeline;
using Microsoft.Extensions.Options;
using Modeldrop.Signing;

namespace Modeldrop.Tests.Signing;

/// <summary>A key vault behind the transport of the Azure SDK: it has one key, signs hashes with it and notes the requests.</summary>
internal sealed class FakeVault : HttpMessageHandler
{
    public const string Address = "https://team.vault.azure.net/keys/models";

    private readonly List<string> _requests = [];

    public ECDsa Key { get; set; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public string Version { get; set; } = "v1";

    /// <summary>The curve in the answer.</summary>
    public string? Curve { get; set; }

    /// <summary>An answer to every request instead; <c>null</c>: the vault works.</summary>
    public (HttpStatusCode Status, string Code)? Refusal { get; set; }

    /// <summary>Whether the vault signs with another key than it shows.</summary>
    public bool IsWrong { get; set; }

    /// <summary>Method, address and body of each request.</summary>
    public IReadOnlyList<string> Requests => _requests;

    public ModelSigner Signer(TimeProvider clock, SigningOptions? options = null)
    {
        options ??= new SigningOptions();
        options.KeyVaultKey = Address;
        return new ModelSigner(
            Options.Create(options), address => VaultKey.Connect(address, new Token(), clock, new HttpClientTransport(this)));
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        string body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        _requests.Add($"{request.Method} {request.RequestUri} {body}".TrimEnd());
        if (request.Headers.Authorization?.ToString() != "Bearer for https://vault.azure.net/.default")
        {
            return Answer(HttpStatusCode.Unauthorized, new { error = new { code = "Unauthorized" } });
        }

        if (Refusal is { } refusal)
        {
            return Answer(refusal.Status, new { error = new { code = refusal.Code, message = "…" } });
        }

        return request.Method == HttpMethod.Get ? Answer(HttpStatusCode.OK, Shown()) : Answer(HttpStatusCode.OK, Signed(body));
    }

    // The form of Key Vault's REST API.
    private object Shown()
    {
        ECParameters parameters = Key.ExportParameters(includePrivateParameters: false);
        return new
        {
            key = new
            {
                kid = $"{Address}/{Version}", kty = "EC-HSM", key_ops = new[] { "sign", "verify" },
                crv = Curve ?? $"P-{Key.KeySize}", x = Base64Url.EncodeToString(parameters.Q.X),
                y = Base64Url.EncodeToString(parameters.Q.Y),
            },
            attributes = new { enabled = true },
        };
    }

    private object Signed(string body)
    {
        JsonElement request = JsonElement.Parse(body);
        byte[] hash = Base64Url.DecodeFromChars(request.GetProperty("value").GetString());
        using var other = ECDsa.Create(Key.ExportParameters(includePrivateParameters: false).Curve);
        return new
        {
            kid = $"{Address}/{Version}", value = Base64Url.EncodeToString((IsWrong ? other : Key).SignHash(hash)),
        };
    }

    private static HttpResponseMessage Answer(HttpStatusCode status, object body) => new(status)
    {
        Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json"),
    };

    private sealed class Token : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext context, CancellationToken cancellationToken) =>
            new($"for {context.Scopes.Single()}", DateTimeOffset.MaxValue);

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext context, CancellationToken cancellationToken) =>
            new(GetToken(context, cancellationToken));
    }
}
