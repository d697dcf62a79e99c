using System.Buffers.Binary;
using System.Formats.Asn1;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace Modeldrop.Tests.Signing.Sigstore;

/// <summary>
/// A private instance of Sigstore: an authority that certifies signers for ten minutes, a certificate log and a transparency log. Written
/// from RFC 6962 and from the form of the reference signatures, not from our verifier.
/// </summary>
internal sealed class KeylessKit : IDisposable
{
    public const string Provider = "https://login.example.com";

    private const string ProofOfLog = "1.3.6.1.4.1.11129.2.4.2";
    private const string VouchedBy = "1.3.6.1.4.1.57264.1.8";

    private static readonly DateTimeOffset Opened = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Signed = Opened.AddYears(1);

    private readonly ECDsa _authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa _certificateLog = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa _log = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _authority;

    public KeylessKit()
    {
        var request = new CertificateRequest("CN=own sigstore", _authorityKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        _authority = request.CreateSelfSigned(Opened, Opened.AddYears(10));
    }

    /// <summary>The <c>trusted_root.json</c>.</summary>
    public string Root => new JsonObject
    {
        ["mediaType"] = "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
        ["tlogs"] = new JsonArray(LogOf(_log)),
        ["ctlogs"] = new JsonArray(LogOf(_certificateLog)),
        ["certificateAuthorities"] = new JsonArray(new JsonObject
        {
            ["certChain"] = new JsonObject
            {
                ["certificates"] = new JsonArray(new JsonObject { ["rawBytes"] = Convert.ToBase64String(_authority.RawData) }),
            },
            ["validFor"] = new JsonObject { ["start"] = "2024-01-01T00:00:00Z" },
        }),
    }.ToJsonString();

    /// <summary>Signs as <c>model_signing sign sigstore</c> does: the content of <c>model.sig</c>.</summary>
    public JsonObject Sign(string email, params (string Name, byte[] Content)[] files)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] certificate = Certify(key, email);
        JsonObject signature = SignatureKit.Envelope(key, SignatureKit.Statement(files), []);
        JsonNode envelope = signature["dsseEnvelope"]!;
        signature["verificationMaterial"] = new JsonObject
        {
            ["certificate"] = new JsonObject { ["rawBytes"] = Convert.ToBase64String(certificate) },
            ["tlogEntries"] = new JsonArray(Log(
                Convert.FromBase64String(envelope["payload"]!.GetValue<string>()),
                envelope["signatures"]![0]!["sig"]!.GetValue<string>(), certificate)),
        };
        return signature;
    }

    public void Dispose()
    {
        _authority.Dispose();
        _authorityKey.Dispose();
        _certificateLog.Dispose();
        _log.Dispose();
    }

    /// <summary>A certificate with the proof of the certificate log, which has signed the certificate without this proof.</summary>
    private byte[] Certify(ECDsa key, string email)
    {
        byte[] bare = Certificate(key, email, proof: null);
        byte[] inner = new AsnReader(bare, AsnEncodingRules.DER).ReadSequence().ReadEncodedValue().ToArray();
        byte[] time = Number(Signed.ToUnixTimeMilliseconds(), 8);
        byte[] signed =
        [
            0, 0, .. time, 0, 1, .. SHA256.HashData(_authorityKey.ExportSubjectPublicKeyInfo()), .. Number(inner.Length, 3), .. inner, 0, 0,
        ];
        byte[] signature = Der(_certificateLog, signed);
        byte[] one = [0, .. IdOf(_certificateLog), .. time, 0, 0, 4, 3, .. Number(signature.Length, 2), .. signature];
        var proof = new AsnWriter(AsnEncodingRules.DER);
        proof.WriteOctetString([.. Number(one.Length + 2, 2), .. Number(one.Length, 2), .. one]);
        return Certificate(key, email, proof.Encode());
    }

    private byte[] Certificate(ECDsa key, string email, byte[]? proof)
    {
        var request = new CertificateRequest(new X500DistinguishedName(""), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.3")], false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddEmailAddress(email);
        request.CertificateExtensions.Add(names.Build(critical: true));
        var provider = new AsnWriter(AsnEncodingRules.DER);
        provider.WriteCharacterString(UniversalTagNumber.UTF8String, Provider);
        request.CertificateExtensions.Add(new X509Extension(VouchedBy, provider.Encode(), critical: false));
        if (proof is not null)
        {
            request.CertificateExtensions.Add(new X509Extension(ProofOfLog, proof, critical: false));
        }

        using X509Certificate2 made = request.Create(_authority, Signed.AddMinutes(-5), Signed.AddMinutes(5), [1, 2, 3, 4]);
        return made.RawData;
    }

    /// <summary>The second of three entries of the log.</summary>
    private JsonObject Log(byte[] payload, string signature, byte[] certificate)
    {
        string pem = PemEncoding.WriteString("CERTIFICATE", certificate);
        byte[] body = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["apiVersion"] = "0.0.1",
            ["kind"] = "dsse",
            ["spec"] = new JsonObject
            {
                ["payloadHash"] = new JsonObject
                {
                    ["algorithm"] = "sha256", ["value"] = Convert.ToHexStringLower(SHA256.HashData(payload)),
                },
                ["signatures"] = new JsonArray(new JsonObject
                {
                    ["signature"] = signature, ["verifier"] = Convert.ToBase64String(Encoding.ASCII.GetBytes(pem)),
                }),
            },
        }.ToJsonString());
        byte[] first = SHA256.HashData([0, 1]);
        byte[] third = SHA256.HashData([0, 3]);
        byte[] root = Parent(Parent(first, SHA256.HashData([0, .. body])), third);
        string note = $"log.example.com\n3\n{Convert.ToBase64String(root)}\n";
        string checkpoint = Convert.ToBase64String([.. IdOf(_log)[..4], .. Der(_log, Encoding.UTF8.GetBytes(note))]);
        string log = Convert.ToHexStringLower(IdOf(_log));
        long time = Signed.ToUnixTimeSeconds();
        string promised = string.Create(CultureInfo.InvariantCulture,
            $$"""{"body":"{{Convert.ToBase64String(body)}}","integratedTime":{{time}},"logID":"{{log}}","logIndex":7}""");
        return new JsonObject
        {
            ["logIndex"] = "7",
            ["logId"] = new JsonObject { ["keyId"] = Convert.ToBase64String(IdOf(_log)) },
            ["kindVersion"] = new JsonObject { ["kind"] = "dsse", ["version"] = "0.0.1" },
            ["integratedTime"] = $"{time}",
            ["inclusionPromise"] = new JsonObject
            {
                ["signedEntryTimestamp"] = Convert.ToBase64String(Der(_log, Encoding.UTF8.GetBytes(promised))),
            },
            ["inclusionProof"] = new JsonObject
            {
                ["logIndex"] = "1",
                ["treeSize"] = "3",
                ["rootHash"] = Convert.ToBase64String(root),
                ["hashes"] = new JsonArray(Convert.ToBase64String(first), Convert.ToBase64String(third)),
                ["checkpoint"] = new JsonObject { ["envelope"] = $"{note}\n\u2014 log.example.com {checkpoint}\n" },
            },
            ["canonicalizedBody"] = Convert.ToBase64String(body),
        };
    }

    private static JsonObject LogOf(ECDsa key) => new()
    {
        ["publicKey"] = new JsonObject
        {
            ["rawBytes"] = Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()),
            ["keyDetails"] = "PKIX_ECDSA_P256_SHA_256",
            ["validFor"] = new JsonObject { ["start"] = "2024-01-01T00:00:00Z" },
        },
        ["logId"] = new JsonObject { ["keyId"] = Convert.ToBase64String(IdOf(key)) },
    };

    private static byte[] IdOf(ECDsa key) => SHA256.HashData(key.ExportSubjectPublicKeyInfo());

    private static byte[] Der(ECDsa key, byte[] data) =>
        key.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

    private static byte[] Parent(byte[] left, byte[] right) => SHA256.HashData([1, .. left, .. right]);

    private static byte[] Number(long value, int bytes)
    {
        byte[] all = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(all, value);
        return all[^bytes..];
    }
}
