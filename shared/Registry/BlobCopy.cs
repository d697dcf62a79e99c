using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace Modeldrop.Registry;

/// <summary>What a copy turned out to be.</summary>
internal sealed record CopiedBlob(long Bytes, string Sha256);

/// <summary>Copies blobs through this process, hashing them on the way.</summary>
/// <remarks>
/// Not by the server: the hash has to be taken of the very bytes that are stored, and a server-side copy under a managed identity needs a
/// user-delegation SAS or a second token for its source. Memory is one block, whatever the size of the file.
/// </remarks>
internal static class BlobCopy
{
    private const int BlockBytes = 4 * 1024 * 1024;
    private const int BlockIdBytes = 20;

    /// <summary>Copies <paramref name="source"/> as it is under <paramref name="version"/>; the target appears whole or not at all.</summary>
    /// <param name="version">Null: whatever is there.</param>
    /// <param name="condition">For the target; null: overwrite.</param>
    /// <param name="sha256">What the bytes must hash to; null: whatever they do.</param>
    /// <returns>Null when the source is not (or no longer) that version, or the target does not meet its condition.</returns>
    /// <exception cref="InvalidDataException">The bytes have another hash; nothing was written.</exception>
    public static async Task<CopiedBlob?> TryCopyAsync(
        BlobClient source,
        ETag? version,
        BlockBlobClient target,
        BlobRequestConditions? condition,
        IDictionary<string, string>? metadata,
        string? sha256,
        CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BlockBytes);
        try
        {
            return await CopyAsync(source, version, target, condition, metadata, sha256, buffer, cancellationToken);
        }
        catch (RequestFailedException exception) when (IsLost(exception))
        {
            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task<CopiedBlob> CopyAsync(
        BlobClient source,
        ETag? version,
        BlockBlobClient target,
        BlobRequestConditions? condition,
        IDictionary<string, string>? metadata,
        string? sha256,
        byte[] buffer,
        CancellationToken cancellationToken)
    {
        // The stream pins the blob that it opened by its ETag: a change in the middle fails, it never mixes two contents.
        var open = new BlobOpenReadOptions(allowModifications: false)
        {
            BufferSize = BlockBytes,
            Conditions = version is { } match ? new BlobRequestConditions { IfMatch = match } : null,
        };
        await using Stream content = await source.OpenReadAsync(open, cancellationToken);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        // Ids of one length that no other copy to the same target uses: uncommitted blocks of both lie side by side.
        byte[] blockId = new byte[BlockIdBytes];
        Guid.NewGuid().TryWriteBytes(blockId);
        var blocks = new List<string>();
        long bytes = 0;
        while (await content.ReadAtLeastAsync(buffer.AsMemory(0, BlockBytes), BlockBytes, throwOnEndOfStream: false, cancellationToken) is var read and > 0)
        {
            hash.AppendData(buffer, 0, read);
            bytes += read;
            BinaryPrimitives.WriteInt32BigEndian(blockId.AsSpan(BlockIdBytes - sizeof(int)), blocks.Count);
            string id = Convert.ToBase64String(blockId);
            using var block = new MemoryStream(buffer, 0, read, writable: false);
            await target.StageBlockAsync(id, block, cancellationToken: cancellationToken);
            blocks.Add(id);
        }

        string actual = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (sha256 is not null && actual != sha256)
        {
            throw new InvalidDataException($"'{source.Name}' has SHA-256 {actual}, not {sha256}.");
        }

        var commit = new CommitBlockListOptions { Conditions = condition, Metadata = WithHash(metadata, actual) };
        await target.CommitBlockListAsync(blocks, commit, cancellationToken);
        return new CopiedBlob(bytes, actual);
    }

    private static Dictionary<string, string> WithHash(IDictionary<string, string>? metadata, string sha256) =>
        new(metadata ?? new Dictionary<string, string>()) { ["sha256"] = sha256 };

    // Another copy's commit throws away our uncommitted blocks: InvalidBlockList is a lost race too.
    private static bool IsLost(RequestFailedException exception) =>
        exception.Status is 404 or 409 or 412 || exception.ErrorCode == BlobErrorCode.InvalidBlockList;
}
