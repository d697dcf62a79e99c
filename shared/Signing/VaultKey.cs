using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Modeldrop.Errors;

namespace Modeldrop.Signing;

/// <summary>
/// A key of an Azure Key Vault or Managed HSM. The private key never leaves the vault, which signs a hash. Uses the REST API, version 7.4.
/// Thread-safe.
/// </summary>
internal sealed class VaultKey(VaultKeyAddress address, HttpPipeline pipeline, TimeProvider clock) : ISigningKey
{
    private const string Version = "api-version=7.4";

    /// <summary>How long the public key is kept: an installation signs with a rotated key after this time at the latest.</summary>
    private static readonly TimeSpan KeepFor = TimeSpan.FromMinutes(10);

    private Known? _known;

    /// <param name="Id">The address of the key's version.</param>
    private sealed record Known(Uri Id, ECParameters Public, string Algorithm, DateTimeOffset Until);

    private sealed class Options : ClientOptions;

    /// <param name="transport">Null: HTTPS. Tests use another one.</param>
    public static VaultKey Connect(
        VaultKeyAddress address, TokenCredential credential, TimeProvider clock, HttpPipelineTransport? transport = null)
    {
        var options = new Options { Retry = { MaxRetries = 2, NetworkTimeout = TimeSpan.FromSeconds(15) } };
        if (transport is not null)
        {
            options.Transport = transport;
        }

        return new VaultKey(
            address, HttpPipelineBuilder.Build(options, new BearerTokenAuthenticationPolicy(credential, address.Scope)), clock);
    }

    public async Task<OpenKey> OpenAsync(CancellationToken cancellationToken)
    {
        Known known = _known is { } kept && kept.Until > clock.GetUtcNow() ? kept : await ReadAsync(cancellationToken);
        _known = known;
        return new OpenKey(ECDsa.Create(known.Public), (hash, token) => SignAsync(known, hash, token));
    }

    private async Task<Known> ReadAsync(CancellationToken cancellationToken)
    {
        using JsonDocument answer = await SendAsync(RequestMethod.Get, address.Key, body: null, cancellationToken);
        try
        {
            JsonElement key = answer.RootElement.GetProperty("key");
            (ECCurve curve, string algorithm) = key.TryGetProperty("crv", out JsonElement named)
                ? CurveOf(named.GetString())
                : throw Refused($"it is of the type {key.GetProperty("kty").GetString()}");
            var parameters = new ECParameters { Curve = curve, Q = { X = Bytes(key, "x"), Y = Bytes(key, "y") } };
            using var check = ECDsa.Create(parameters);
            return new Known(
                address.VersionOf(key.GetProperty("kid").GetString()), parameters, algorithm, clock.GetUtcNow() + KeepFor);
        }
        catch (Exception exception) when (IsMalformed(exception))
        {
            throw Failed("the answer of the vault is not a key on an elliptic curve.", exception);
        }
    }

    private async Task<byte[]> SignAsync(Known known, byte[] hash, CancellationToken cancellationToken)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(
            new Dictionary<string, string> { ["alg"] = known.Algorithm, ["value"] = Base64Url.EncodeToString(hash) });
        using JsonDocument answer = await SendAsync(RequestMethod.Post, new Uri($"{known.Id}/sign"), body, cancellationToken);
        try
        {
            byte[] signature = Bytes(answer.RootElement, "value");
            using var key = ECDsa.Create(known.Public);
            return key.VerifyHash(hash, signature) ? signature
                : throw Failed("its signature does not belong to its public key.", cause: null);
        }
        catch (Exception exception) when (IsMalformed(exception))
        {
            throw Failed("the answer of the vault is not a signature.", exception);
        }
    }

    private async Task<JsonDocument> SendAsync(RequestMethod method, Uri uri, byte[]? body, CancellationToken cancellationToken)
    {
        using HttpMessage message = pipeline.CreateMessage();
        message.Request.Method = method;
        message.Request.Uri.Reset(new Uri($"{uri}?{Version}"));
        message.Request.Headers.Add("Accept", "application/json");
        if (body is not null)
        {
            message.Request.Headers.Add("Content-Type", "application/json");
            message.Request.Content = RequestContent.Create(body);
        }

        try
        {
            await pipeline.SendAsync(message, cancellationToken);
            return message.Response.IsError
                ? throw Refused($"the vault answers {message.Response.Status} ({CodeIn(message.Response)})")
                : JsonDocument.Parse(message.Response.Content);
        }
        catch (Exception exception) when (exception is RequestFailedException or AuthenticationFailedException or JsonException)
        {
            throw Failed($"{exception.Message.Split('\n')[0].TrimEnd()}", exception);
        }
    }

    private static (ECCurve Curve, string Algorithm) CurveOf(string? name) => name switch
    {
        "P-256" => (ECCurve.NamedCurves.nistP256, "ES256"),
        "P-384" => (ECCurve.NamedCurves.nistP384, "ES384"),
        "P-521" => (ECCurve.NamedCurves.nistP521, "ES512"),
        _ => throw Refused($"it is on the curve {name}"),
    };

    private static byte[] Bytes(JsonElement parent, string name) => Base64Url.DecodeFromChars(parent.GetProperty(name).GetString());

    private static string CodeIn(Response response)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(response.Content);
            return document.RootElement.GetProperty("error").GetProperty("code").GetString() ?? response.ReasonPhrase;
        }
        catch (Exception exception) when (IsMalformed(exception))
        {
            return response.ReasonPhrase;
        }
    }

    private static bool IsMalformed(Exception exception) => exception is JsonException or KeyNotFoundException
        or InvalidOperationException or FormatException or CryptographicException or ArgumentException;

    private static ServiceException Refused(string why) => Failed(
        $"{why}. It must be an enabled key on P-256, P-384 or P-521, and the app's identity needs the role Key Vault Crypto User.",
        cause: null);

    private static ServiceException Failed(string why, Exception? cause) => new(
        ErrorCode.StoreUnavailable, $"The bundle cannot be signed with the key of Signing__KeyVaultKey: {why}", cause);
}
