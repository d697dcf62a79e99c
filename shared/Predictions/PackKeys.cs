using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace Modeldrop.Predictions;

/// <summary>Which callers' keys (the protocol's <c>id</c>) a pack may contain: their hashes, stored with its records.</summary>
/// <remarks>
/// Keys are found by scanning the packs' hashes without reading the records. No row per key is written: a key costs no transaction and four
/// bytes. One unrelated pack in some 4 billion hashes is read unnecessarily.
/// </remarks>
internal static class PackKeys
{
    /// <summary>Limited so that they fit into an entity together with its records.</summary>
    private const int MaxKeys = 8_192;

    /// <summary>The lower 32 bits of XXH3 over the UTF-8 text.</summary>
    public static uint HashOf(string key) => unchecked((uint)XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(key)));

    /// <returns>The hashes, little-endian and ascending; null: no record has a key. A single byte: there are too many to list.</returns>
    public static byte[]? Of(IReadOnlyList<ScoredRequest> records)
    {
        uint[] hashes = [.. records.Select(record => record.RequestId).OfType<string>().Where(key => key.Length > 0)
            .Select(HashOf).Distinct().Order()];
        if (hashes.Length is 0 or > MaxKeys)
        {
            return hashes.Length == 0 ? null : [0];
        }

        byte[] bytes = new byte[hashes.Length * sizeof(uint)];
        for (int index = 0; index < hashes.Length; index++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(index * sizeof(uint)), hashes[index]);
        }

        return bytes;
    }

    /// <param name="keys">The pack's result of <see cref="Of"/>.</param>
    public static bool MayHave(byte[]? keys, IReadOnlySet<uint> asked)
    {
        bool found = keys is { Length: 1 };
        for (int at = 0; !found && at < keys?.Length; at += sizeof(uint))
        {
            found = asked.Contains(BinaryPrimitives.ReadUInt32LittleEndian(keys.AsSpan(at)));
        }

        return found;
    }
}
