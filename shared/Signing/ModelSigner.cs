using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Modeldrop.Errors;
using Modeldrop.Storage;

namespace Modeldrop.Signing;

/// <summary>Signs in the format of OpenSSF Model Signing, with the key of this installation.</summary>
/// <remarks>Thread-safe. Elliptic-curve signatures have a random part: a caller that needs the same bytes again must store them.</remarks>
public sealed class ModelSigner
{
    private readonly IOptions<SigningOptions> _options;
    private readonly Lazy<ISigningKey?> _key;

    public ModelSigner(IOptions<SigningOptions> options, IOptions<StorageOptions> storage, TimeProvider clock)
        : this(options, address => VaultKey.Connect(address, AppIdentity.Of(storage.Value.ClientId), clock))
    {
    }

    /// <param name="connect">Connects to a key vault; null: the settings name none.</param>
    internal ModelSigner(IOptions<SigningOptions> options, Func<VaultKeyAddress, VaultKey>? connect = null)
    {
        _options = options;
        _key = new Lazy<ISigningKey?>(() => options.Value.KeyVaultKey is { Length: > 0 } address
            ? connect!(VaultKeyAddress.Parse(address))
            : PemSetting.Read(options.Value.Key) is [{ } pem, ..] ? new PemKey(pem) : null);
    }

    public bool IsConfigured => _key.Value is not null;

    /// <summary>SHA-256 of the PEM of the public key that verifies the signatures.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.StoreUnavailable"/>: the key vault does not give the key.</exception>
    public async Task<string> GetKeyIdAsync(CancellationToken cancellationToken)
    {
        using OpenKey key = await _key.Value!.OpenAsync(cancellationToken);
        return EllipticKeys.HintOf(key.Public);
    }

    /// <param name="name">The name of the model as a whole.</param>
    /// <param name="ignored">Names of other files that the signature does not cover.</param>
    /// <returns>Content of a <c>.sig</c> file.</returns>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.StoreUnavailable"/>: the key vault does not sign, or the certificates belong to another key.
    /// </exception>
    public async Task<byte[]> SignAsync(
        string name, IEnumerable<SignedFile> files, IReadOnlyList<string> ignored, CancellationToken cancellationToken)
    {
        using OpenKey key = await _key.Value!.OpenAsync(cancellationToken);
        JsonObject material = Material(key.Public);
        byte[] payload = SignedStatement.Write(name, files, ignored);
        byte[] signature = await key.SignAsync(SignatureFile.Envelope(payload), cancellationToken);
        return JsonSerializer.SerializeToUtf8Bytes(new JsonObject
        {
            ["mediaType"] = SignatureFile.MediaType,
            ["verificationMaterial"] = material,
            ["dsseEnvelope"] = new JsonObject
            {
                ["payload"] = Convert.ToBase64String(payload),
                ["payloadType"] = SignatureFile.PayloadType,
                ["signatures"] = new JsonArray(new JsonObject { ["sig"] = Convert.ToBase64String(signature), ["keyid"] = "" }),
            },
        });
    }

    private JsonObject Material(ECDsa key)
    {
        IReadOnlyList<string> certificates = PemSetting.Read(_options.Value.Certificates);
        if (certificates.Count == 0)
        {
            return new JsonObject
            {
                ["publicKey"] = new JsonObject { ["hint"] = EllipticKeys.HintOf(key) }, ["tlogEntries"] = new JsonArray(),
            };
        }

        return CertificateCheck.IsOf(certificates[0], key)
            ? new JsonObject
            {
                ["x509CertificateChain"] = new JsonObject
                {
                    ["certificates"] = new JsonArray([.. certificates.Select(RawBytes)]),
                },
                ["tlogEntries"] = new JsonArray(),
            }
            : throw new ServiceException(
                ErrorCode.StoreUnavailable,
                "The bundle cannot be signed: the first certificate of Signing__Certificates belongs to another key.");
    }

    private static JsonObject RawBytes(string pem)
    {
        using X509Certificate2 certificate = X509Certificate2.CreateFromPem(pem);
        return new JsonObject { ["rawBytes"] = Convert.ToBase64String(certificate.RawData) };
    }
}
