using System.Globalization;
using System.Text.Json;

namespace Modeldrop.Signing.Sigstore;

/// <summary>The verification material of a keyless signature.</summary>
/// <param name="Certificate">The signer's certificate; DER.</param>
/// <param name="Timestamps">Answers of timestamp authorities, RFC 3161; DER.</param>
internal sealed record KeylessMaterial(byte[] Certificate, LogEntry Entry, IReadOnlyList<byte[]> Timestamps)
{
    private const int MaxTimestamps = 32;

    /// <param name="material">The member <c>verificationMaterial</c> of a bundle.</param>
    /// <returns>Null: the signature is not keyless.</returns>
    /// <exception cref="FormatException">The material is incomplete; the message says what is missing.</exception>
    public static KeylessMaterial? Find(JsonElement material)
    {
        if (!material.TryGetProperty("certificate", out JsonElement certificate))
        {
            return null;
        }

        if (!material.TryGetProperty("tlogEntries", out JsonElement entries) || entries.GetArrayLength() != 1)
        {
            throw new FormatException("it must have one entry in a transparency log");
        }

        byte[][] timestamps = material.TryGetProperty("timestampVerificationData", out JsonElement data)
            && data.TryGetProperty("rfc3161Timestamps", out JsonElement stamps)
            ? [.. stamps.EnumerateArray().Select(stamp => stamp.GetProperty("signedTimestamp").GetBytesFromBase64())]
            : [];
        return timestamps.Length <= MaxTimestamps
            ? new KeylessMaterial(certificate.GetProperty("rawBytes").GetBytesFromBase64(), LogEntry.Read(entries[0]), timestamps)
            : throw new FormatException($"it has more than {MaxTimestamps} timestamps");
    }
}

/// <summary>An entry of a transparency log, with the proofs of its inclusion.</summary>
/// <param name="LogId">Identifies the log.</param>
/// <param name="Index">The index in the whole log.</param>
/// <param name="Kind">Kind and version of the body.</param>
/// <param name="IntegratedAt">Seconds since 1970; null: unknown.</param>
/// <param name="Promise">The log's signature over entry and time; null: none.</param>
/// <param name="Body">The body as the log stores it.</param>
internal sealed record LogEntry(
    byte[] LogId, long Index, string Kind, long? IntegratedAt, byte[]? Promise, InclusionProof Proof, byte[] Body)
{
    /// <exception cref="FormatException">The proof is missing.</exception>
    public static LogEntry Read(JsonElement entry)
    {
        if (!entry.TryGetProperty("inclusionProof", out JsonElement proof)
            || !proof.TryGetProperty("checkpoint", out JsonElement checkpoint))
        {
            throw new FormatException("its entry in the transparency log has no inclusion proof with a checkpoint");
        }

        JsonElement kind = entry.GetProperty("kindVersion");
        return new LogEntry(
            entry.GetProperty("logId").GetProperty("keyId").GetBytesFromBase64(),
            Number(entry, "logIndex"),
            $"{kind.GetProperty("kind").GetString()} {kind.GetProperty("version").GetString()}",
            entry.TryGetProperty("integratedTime", out _) && Number(entry, "integratedTime") is > 0 and var time ? time : null,
            entry.TryGetProperty("inclusionPromise", out JsonElement promise)
                ? promise.GetProperty("signedEntryTimestamp").GetBytesFromBase64() : null,
            new InclusionProof(
                Number(proof, "logIndex"),
                Number(proof, "treeSize"),
                proof.GetProperty("rootHash").GetBytesFromBase64(),
                proof.TryGetProperty("hashes", out JsonElement hashes)
                    ? [.. hashes.EnumerateArray().Select(hash => hash.GetBytesFromBase64())] : [],
                checkpoint.GetProperty("envelope").GetString() ?? ""),
            entry.GetProperty("canonicalizedBody").GetBytesFromBase64());
    }

    /// <summary>Protobuf's JSON writes 64-bit integers as strings.</summary>
    private static long Number(JsonElement of, string name)
    {
        JsonElement value = of.GetProperty(name);
        bool isNumber = value.ValueKind == JsonValueKind.String
            ? long.TryParse(value.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            : value.TryGetInt64(out number);
        return isNumber && number >= 0
            ? number : throw new FormatException($"'{name}' in its entry in the transparency log is not a number");
    }
}
