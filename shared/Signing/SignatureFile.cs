using System.Text;
using System.Text.Json;
using Modeldrop.Signing.Sigstore;

namespace Modeldrop.Signing;

/// <summary>A signature in the format of OpenSSF Model Signing: a Sigstore bundle with a DSSE envelope around an in-toto
/// statement.</summary>
/// <param name="Payload">The signed statement.</param>
/// <param name="Signature">The envelope's signature; DER.</param>
/// <param name="KeyHint">SHA-256 of the PEM of the public key; null: the file names no key.</param>
/// <param name="Certificates">DER, the signer's first; empty: signed with a bare key.</param>
/// <param name="Keyless">The material of a signature with a short-lived Sigstore certificate; null: the signature is not keyless.</param>
internal sealed record SignatureFile(
    byte[] Payload, byte[] Signature, string? KeyHint, IReadOnlyList<byte[]> Certificates, KeylessMaterial? Keyless)
{
    /// <summary>The file's name beside a model.</summary>
    public const string Name = "model.sig";

    public const string MediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";

    public const string PayloadType = "application/vnd.in-toto+json";

    /// <summary>The largest file, in bytes; a signature of 10,000 files takes about 2 MB.</summary>
    public const int MaxBytes = 8 << 20;

    private const string MediaTypeStart = "application/vnd.dev.sigstore.bundle";

    private const int MaxCertificates = 10;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 32 };

    /// <exception cref="FormatException">The text has another format; the message says why.</exception>
    public static SignatureFile Read(ReadOnlyMemory<byte> text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text, Strict);
            return Read(document.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new FormatException("it is not a Sigstore bundle as OpenSSF Model Signing writes them", exception);
        }
    }

    /// <summary>The signed bytes, by the rules of DSSE: the payload with its type and both lengths.</summary>
    public static byte[] Envelope(ReadOnlySpan<byte> payload) =>
        [.. Encoding.UTF8.GetBytes($"DSSEv1 {PayloadType.Length} {PayloadType} {payload.Length} "), .. payload];

    private static SignatureFile Read(JsonElement root)
    {
        string mediaType = root.GetProperty("mediaType").GetString() ?? "";
        if (!mediaType.StartsWith(MediaTypeStart, StringComparison.Ordinal))
        {
            throw new FormatException($"its media type is not '{MediaType}'");
        }

        JsonElement envelope = root.GetProperty("dsseEnvelope");
        if (envelope.GetProperty("payloadType").GetString() != PayloadType)
        {
            throw new FormatException($"its payload is not '{PayloadType}'");
        }

        JsonElement signatures = envelope.GetProperty("signatures");
        if (signatures.GetArrayLength() != 1)
        {
            throw new FormatException("it must have one signature");
        }

        JsonElement material = root.GetProperty("verificationMaterial");
        JsonElement[] certificates = material.TryGetProperty("x509CertificateChain", out JsonElement chain)
            ? [.. chain.GetProperty("certificates").EnumerateArray()]
            : [];
        if (certificates.Length > MaxCertificates)
        {
            throw new FormatException($"it has more than {MaxCertificates} certificates");
        }

        return new SignatureFile(
            envelope.GetProperty("payload").GetBytesFromBase64(),
            signatures[0].GetProperty("sig").GetBytesFromBase64(),
            material.TryGetProperty("publicKey", out JsonElement key) && key.TryGetProperty("hint", out JsonElement hint)
                ? hint.GetString() : null,
            [.. certificates.Select(certificate => certificate.GetProperty("rawBytes").GetBytesFromBase64())],
            KeylessMaterial.Find(material));
    }
}
