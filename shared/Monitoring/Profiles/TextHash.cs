using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace Modeldrop.Monitoring.Profiles;

/// <summary>
/// Hashes of the values of a category with very many values: the hash selects the group of other values, and shows whether the reference
/// contains the value.
/// </summary>
internal static class TextHash
{
    /// <summary>Number of groups for values without their own bin.</summary>
    public const int Groups = 32;

    public static ulong Of(ReadOnlySpan<byte> utf8) => XxHash3.HashToUInt64(utf8);

    public static ulong Of(string text) => Of(Encoding.UTF8.GetBytes(text));

    public static ulong Of(long bits)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, bits);
        return Of(bytes);
    }

    public static int GroupOf(ulong hash) => (int)((hash >> 32) % Groups);

    /// <summary>With 65,536 known values, 32 bits mistake one new value in 65,536 for a known one.</summary>
    public static uint FingerprintOf(ulong hash) => (uint)hash;

    /// <summary>Fingerprints, ascending, in four bytes each, little-endian.</summary>
    public static byte[] Pack(IEnumerable<uint> fingerprints)
    {
        uint[] sorted = [.. fingerprints.Distinct().Order()];
        byte[] bytes = new byte[sorted.Length * sizeof(uint)];
        for (int index = 0; index < sorted.Length; index++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(index * sizeof(uint)), sorted[index]);
        }

        return bytes;
    }

    public static uint[] Unpack(byte[] bytes)
    {
        uint[] fingerprints = new uint[bytes.Length / sizeof(uint)];
        for (int index = 0; index < fingerprints.Length; index++)
        {
            fingerprints[index] = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(index * sizeof(uint)));
        }

        return fingerprints;
    }
}
