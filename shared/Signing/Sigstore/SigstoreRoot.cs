using System.Security.Cryptography;
using System.Text.Json;

namespace Modeldrop.Signing.Sigstore;

/// <summary>A span of time, both ends included.</summary>
/// <param name="End">Null: open-ended.</param>
internal sealed record TimeSpanOf(DateTimeOffset Start, DateTimeOffset? End)
{
    public bool Has(DateTimeOffset time) => time >= Start && !(time > End);
}

/// <summary>An authority that certifies signers or issues timestamps.</summary>
/// <param name="Certificates">DER, the root last.</param>
internal sealed record SigstoreAuthority(IReadOnlyList<byte[]> Certificates, TimeSpanOf ValidFor);

/// <summary>
/// The authorities and logs that an installation trusts for keyless signatures: the content of a <c>trusted_root.json</c> of Sigstore.
/// </summary>
internal sealed record SigstoreRoot(
    IReadOnlyList<SigstoreAuthority> Authorities, IReadOnlyList<LogKey> CertificateLogs, IReadOnlyList<LogKey> Logs,
    IReadOnlyList<SigstoreAuthority> TimestampAuthorities)
{
    private const string MediaTypeStart = "application/vnd.dev.sigstore.trustedroot";

    /// <exception cref="FormatException">The text has another format; the message says why.</exception>
    public static SigstoreRoot Read(string json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            JsonElement root = document.RootElement;
            if (root.GetProperty("mediaType").GetString()?.StartsWith(MediaTypeStart, StringComparison.Ordinal) != true)
            {
                throw new FormatException($"its media type is not '{MediaTypeStart}+json'");
            }

            var read = new SigstoreRoot(
                List(root, "certificateAuthorities", ReadAuthority), List(root, "ctlogs", ReadLog), List(root, "tlogs", ReadLog),
                List(root, "timestampAuthorities", ReadAuthority));
            return read is { Authorities.Count: > 0, CertificateLogs.Count: > 0, Logs.Count: > 0 }
                ? read
                : throw new FormatException("it must name certificateAuthorities, ctlogs and tlogs");
        }
        catch (Exception exception)
            when (exception is JsonException or InvalidOperationException or KeyNotFoundException or CryptographicException)
        {
            throw new FormatException("it is not a trusted_root.json of Sigstore", exception);
        }
    }

    private static List<T> List<T>(JsonElement root, string name, Func<JsonElement, T> read) =>
        root.TryGetProperty(name, out JsonElement list) ? [.. list.EnumerateArray().Select(read)] : [];

    private static LogKey ReadLog(JsonElement log)
    {
        JsonElement key = log.GetProperty("publicKey");
        return new LogKey(
            log.GetProperty("logId").GetProperty("keyId").GetBytesFromBase64(),
            key.GetProperty("keyDetails").GetString() ?? "",
            key.GetProperty("rawBytes").GetBytesFromBase64(),
            ReadTime(key));
    }

    private static SigstoreAuthority ReadAuthority(JsonElement authority)
    {
        JsonElement certificates = authority.GetProperty("certChain").GetProperty("certificates");
        byte[][] chain = [.. certificates.EnumerateArray().Select(one => one.GetProperty("rawBytes").GetBytesFromBase64())];
        return chain.Length > 0
            ? new SigstoreAuthority(chain, ReadTime(authority))
            : throw new FormatException("an authority in it has no certificates");
    }

    private static TimeSpanOf ReadTime(JsonElement of)
    {
        JsonElement time = of.GetProperty("validFor");
        return new TimeSpanOf(
            time.GetProperty("start").GetDateTimeOffset(),
            time.TryGetProperty("end", out JsonElement end) ? end.GetDateTimeOffset() : null);
    }
}
