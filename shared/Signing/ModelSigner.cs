using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;

namespace Modeldrop.Signing;

/// <summary>Signs in the format of OpenSSF Model Signing, with the key of this installation.</summary>
/// <remarks>Thread-safe. Elliptic-curve signatures have a random part: a caller that needs the same bytes again must store them.</remarks>
public sealed class ModelSigner(IOptions<SigningOptions> options)
{
    private readonly Lazy<IReadOnlyList<string>> _key = new(() => PemSetting.Read(options.Value.Key));

    public bool IsConfigured => _key.Value.Count > 0;

    /// <summary>SHA-256 of the PEM of the public key that verifies the signatures.</summary>
    public string KeyId()
    {
        using ECDsa key = Open();
        return EllipticKeys.HintOf(key);
    }

    /// <param name="name">The name of the model as a whole.</param>
    /// <param name="ignored">Names of other files that the signature does not cover.</param>
    /// <returns>Content of a <c>.sig</c> file.</returns>
    public byte[] Sign(string name, IEnumerable<SignedFile> files, IReadOnlyList<string> ignored)
    {
        using ECDsa key = Open();
        byte[] payload = SignedStatement.Write(name, files, ignored);
        byte[] signature = key.SignData(
            SignatureFile.Envelope(payload), EllipticKeys.HashOf(key), DSASignatureFormat.Rfc3279DerSequence);
        return JsonSerializer.SerializeToUtf8Bytes(new JsonObject
        {
            ["mediaType"] = SignatureFile.MediaType,
            ["verificationMaterial"] = Material(key),
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
        IReadOnlyList<string> certificates = PemSetting.Read(options.Value.Certificates);
        return certificates.Count == 0
            ? new JsonObject
            {
                ["publicKey"] = new JsonObject { ["hint"] = EllipticKeys.HintOf(key) }, ["tlogEntries"] = new JsonArray(),
            }
            : new JsonObject
            {
                ["x509CertificateChain"] = new JsonObject
                {
                    ["certificates"] = new JsonArray([.. certificates.Select(RawBytes)]),
                },
                ["tlogEntries"] = new JsonArray(),
            };
    }

    private ECDsa Open()
    {
        var key = ECDsa.Create();
        key.ImportFromPem(_key.Value[0]);
        return key;
    }

    private static JsonObject RawBytes(string pem)
    {
        using X509Certificate2 certificate = X509Certificate2.CreateFromPem(pem);
        return new JsonObject { ["rawBytes"] = Convert.ToBase64String(certificate.RawData) };
    }
}
