using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace Modeldrop.Signing.Sigstore;

/// <summary>The signed content, which the log entry must match.</summary>
/// <param name="Payload">The payload without its envelope.</param>
/// <param name="Envelope">The signed bytes.</param>
/// <param name="Signature">DER.</param>
internal sealed record SignedEnvelope(byte[] Payload, byte[] Envelope, byte[] Signature);

/// <summary>Verifies an entry of a transparency log: that the log contains it, and that it matches the signature.</summary>
internal static class LogEntryCheck
{
    private const string Envelope = "dsse 0.0.1";

    // Used by newer logs, which store only the hash of the envelope.
    private const string Hash = "hashedrekord 0.0.2";

    /// <returns>The time when the log accepted the entry, if the log signed it.</returns>
    /// <exception cref="FormatException">The entry is invalid; the message says why.</exception>
    public static DateTimeOffset? Check(KeylessMaterial material, SignedEnvelope signed, SigstoreRoot root)
    {
        LogEntry entry = material.Entry;
        LogKey log = LogKey.Find(root.Logs, entry.LogId)
            ?? throw new FormatException("its transparency log is not in the trust root (Signing__SigstoreRoot)");
        entry.Proof.Check(entry.Body, log);
        DateTimeOffset? time = null;
        if (entry is { Promise: not null, IntegratedAt: { } seconds } && entry.Kind == Envelope)
        {
            if (!log.Verifies(Promised(entry, seconds), entry.Promise))
            {
                throw new FormatException("the transparency log has not signed the time of its entry");
            }

            time = DateTimeOffset.FromUnixTimeSeconds(seconds);
            if (!log.ValidFor.Has(time.Value))
            {
                throw new FormatException("the key of its transparency log was not valid at the time of the entry");
            }
        }

        if (!Speaks(material, signed))
        {
            throw new FormatException("its entry in the transparency log is for another signature");
        }

        return time;
    }

    /// <summary>The bytes that a log signs when it promises to include an entry: JSON in its canonical form (RFC 8785).</summary>
    private static byte[] Promised(LogEntry entry, long seconds)
    {
        string body = Convert.ToBase64String(entry.Body);
        string log = Convert.ToHexStringLower(entry.LogId);
        return Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"body":"{{body}}","integratedTime":{{seconds}},"logID":"{{log}}","logIndex":{{entry.Index}}}"""));
    }

    private static bool Speaks(KeylessMaterial material, SignedEnvelope signed)
    {
        try
        {
            using JsonDocument body = JsonDocument.Parse(
                material.Entry.Body, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 32 });
            JsonElement root = body.RootElement;
            string said = $"{root.GetProperty("kind").GetString()} {root.GetProperty("apiVersion").GetString()}";
            JsonElement spec = root.GetProperty("spec");
            return said == material.Entry.Kind && said switch
            {
                Envelope => SpeaksOfEnvelope(spec, material, signed),
                Hash => SpeaksOfHash(spec.GetProperty("hashedRekordV002"), material, signed),
                _ => throw new FormatException(
                    $"its entry in the transparency log is of an unsupported kind; use '{Envelope}' or '{Hash}'"),
            };
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return false;
        }
    }

    private static bool SpeaksOfEnvelope(JsonElement spec, KeylessMaterial material, SignedEnvelope signed)
    {
        JsonElement hash = spec.GetProperty("payloadHash");
        JsonElement signatures = spec.GetProperty("signatures");
        return hash.GetProperty("algorithm").GetString() == "sha256"
            && hash.GetProperty("value").GetString() == Convert.ToHexStringLower(SHA256.HashData(signed.Payload))
            && signatures.GetArrayLength() == 1
            && signatures[0].GetProperty("signature").GetBytesFromBase64().AsSpan().SequenceEqual(signed.Signature)
            && IsPemOf(signatures[0].GetProperty("verifier").GetBytesFromBase64(), material.Certificate);
    }

    private static bool SpeaksOfHash(JsonElement spec, KeylessMaterial material, SignedEnvelope signed)
    {
        JsonElement data = spec.GetProperty("data");
        JsonElement signature = spec.GetProperty("signature");
        byte[] certificate = signature.GetProperty("verifier").GetProperty("x509Certificate").GetProperty("rawBytes").GetBytesFromBase64();
        return data.GetProperty("algorithm").GetString() == "SHA2_256"
            && data.GetProperty("digest").GetBytesFromBase64().AsSpan().SequenceEqual(SHA256.HashData(signed.Envelope))
            && signature.GetProperty("content").GetBytesFromBase64().AsSpan().SequenceEqual(signed.Signature)
            && certificate.AsSpan().SequenceEqual(material.Certificate);
    }

    private static bool IsPemOf(byte[] pem, byte[] certificate)
    {
        try
        {
            using X509Certificate2 logged = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(pem));
            return logged.RawData.AsSpan().SequenceEqual(certificate);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
