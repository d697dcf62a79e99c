using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Modeldrop.Signing;

namespace Modeldrop.Tests.Signing;

/// <summary>Signs like the reference implementation of OpenSSF Model Signing; a second, independent implementation.</summary>
internal static class SignatureKit
{
    private const string PayloadType = "application/vnd.in-toto+json";

    public static readonly (string Name, string Content)[] Files =
        [("model.json", "{}"), ("model.onnx", "model"), ("weights.data", "w")];

    public static SignedFile[] Signed(params (string Name, string Content)[] files) =>
        [.. files.Select(file => new SignedFile(file.Name, Hash(Encoding.UTF8.GetBytes(file.Content))))];

    public static JsonObject Statement(params (string Name, string Content)[] files) =>
        Statement([.. files.Select(file => (file.Name, Encoding.UTF8.GetBytes(file.Content)))]);

    public static JsonObject Statement(params (string Name, byte[] Content)[] files)
    {
        byte[][] digests = [.. files.Select(file => SHA256.HashData(file.Content))];
        return new JsonObject
        {
            ["_type"] = "https://in-toto.io/Statement/v1",
            ["subject"] = new JsonArray(new JsonObject
            {
                ["name"] = "sample",
                ["digest"] = new JsonObject { ["sha256"] = Hash(digests.SelectMany(digest => digest).ToArray()) },
            }),
            ["predicateType"] = "https://model_signing/signature/v1.0",
            ["predicate"] = new JsonObject
            {
                ["serialization"] = new JsonObject
                {
                    ["method"] = "files", ["hash_type"] = "sha256", ["allow_symlinks"] = false,
                    ["ignore_paths"] = new JsonArray("model.sig", "ignore-me"),
                },
                ["resources"] = new JsonArray([.. files.Zip(digests, (file, digest) => new JsonObject
                {
                    ["algorithm"] = "sha256", ["name"] = file.Name, ["digest"] = Convert.ToHexStringLower(digest),
                })]),
            },
        };
    }

    public static JsonObject ByKey(ECDsa key, JsonNode statement, bool withHint = true) => Envelope(key, statement, new JsonObject
    {
        ["publicKey"] = withHint ? new JsonObject { ["hint"] = HintOf(key) } : [], ["tlogEntries"] = new JsonArray(),
    });

    public static JsonObject ByCertificate(ECDsa key, JsonNode statement, params X509Certificate2[] chain) =>
        Envelope(key, statement, new JsonObject
        {
            ["x509CertificateChain"] = new JsonObject
            {
                ["certificates"] = new JsonArray([.. chain.Select(
                    certificate => new JsonObject { ["rawBytes"] = Convert.ToBase64String(certificate.RawData) })]),
            },
            ["tlogEntries"] = new JsonArray(),
        });

    public static string HintOf(ECDsa key) => Hash(Encoding.ASCII.GetBytes(key.ExportSubjectPublicKeyInfoPem() + "\n"));

    /// <summary>The bytes of a signature file.</summary>
    public static byte[] Bytes(JsonNode signature) => Encoding.UTF8.GetBytes(signature.ToJsonString());

    public static JsonObject Envelope(ECDsa key, JsonNode statement, JsonObject material)
    {
        string payload = statement.ToJsonString();
        int bytes = Encoding.UTF8.GetByteCount(payload);
        byte[] signed = Encoding.UTF8.GetBytes($"DSSEv1 {PayloadType.Length} {PayloadType} {bytes} {payload}");
        HashAlgorithmName hash = key.KeySize switch
        {
            256 => HashAlgorithmName.SHA256,
            384 => HashAlgorithmName.SHA384,
            _ => HashAlgorithmName.SHA512,
        };
        return new JsonObject
        {
            ["mediaType"] = "application/vnd.dev.sigstore.bundle.v0.3+json",
            ["verificationMaterial"] = material,
            ["dsseEnvelope"] = new JsonObject
            {
                ["payload"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(payload)),
                ["payloadType"] = PayloadType,
                ["signatures"] = new JsonArray(new JsonObject
                {
                    ["sig"] = Convert.ToBase64String(key.SignData(signed, hash, DSASignatureFormat.Rfc3279DerSequence)), ["keyid"] = "",
                }),
            },
        };
    }

    private static string Hash(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));
}
