using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Modeldrop.Signing.Sigstore;

/// <summary>
/// A proof that a log contains an entry: hashes from the entry up to the root of the log's tree (RFC 6962, section 2.1.1), and the
/// checkpoint, which is the root signed by the log.
/// </summary>
/// <param name="Index">The entry's index in the tree.</param>
/// <param name="Size">Number of entries in the tree.</param>
/// <param name="Checkpoint">A signed note: origin, size, root, an empty line, signatures.</param>
internal sealed record InclusionProof(long Index, long Size, byte[] Root, IReadOnlyList<byte[]> Hashes, string Checkpoint)
{
    private const int HashBytes = 32;

    /// <exception cref="FormatException">The proof fails; the message says which part.</exception>
    public void Check(byte[] body, LogKey log)
    {
        if (Index >= Size || !RootOf(body).AsSpan().SequenceEqual(Root))
        {
            throw new FormatException("the inclusion proof does not lead from its entry to the root of the transparency log");
        }

        int end = Checkpoint.IndexOf("\n\n", StringComparison.Ordinal);
        string note = end < 0 ? "" : Checkpoint[..(end + 1)];
        if (note.Split('\n') is not [{ Length: > 0 }, var size, var root, ..]
            || size != Size.ToString(CultureInfo.InvariantCulture)
            || root != Convert.ToBase64String(Root))
        {
            throw new FormatException("the checkpoint of the transparency log is for another tree than the inclusion proof");
        }

        if (!Signatures(Checkpoint[(end + 2)..])
            .Any(signature => signature.AsSpan(0, 4).SequenceEqual(log.Id.AsSpan(0, 4))
                && log.Verifies(Encoding.UTF8.GetBytes(note), signature[4..])))
        {
            throw new FormatException("the checkpoint is not signed by the transparency log");
        }
    }

    /// <summary>Lines <c>— name base64</c>, whose first four bytes name the key.</summary>
    private static IEnumerable<byte[]> Signatures(string lines)
    {
        foreach (string line in lines.Split('\n'))
        {
            byte[] signature = new byte[line.Length];
            if (line.Split(' ') is ["\u2014", _, var text] && Convert.TryFromBase64String(text, signature, out int bytes) && bytes > 4)
            {
                yield return signature[..bytes];
            }
        }
    }

    private byte[] RootOf(byte[] body)
    {
        // Below the level where the paths to this entry and to the last entry diverge, a hash may be on either side; above it, only on the
        // left.
        int inner = 64 - BitOperations.LeadingZeroCount((ulong)(Index ^ (Size - 1)));
        int border = BitOperations.PopCount((ulong)Index >> inner);
        if (Hashes.Count != inner + border || Hashes.Any(hash => hash.Length != HashBytes))
        {
            throw new FormatException("the inclusion proof does not have the hashes that its index in the transparency log requires");
        }

        byte[] hash = SHA256.HashData([0, .. body]);
        for (int level = 0; level < Hashes.Count; level++)
        {
            hash = level < inner && ((Index >> level) & 1) == 0 ? Parent(hash, Hashes[level]) : Parent(Hashes[level], hash);
        }

        return hash;
    }

    private static byte[] Parent(byte[] left, byte[] right) => SHA256.HashData([1, .. left, .. right]);
}
