using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace Modeldrop.Registry;

/// <summary>The size and hash of a copied blob.</summary>
internal sealed record CopiedBlob(long Bytes, string Sha256);

/// <summary>Copies blobs through this process and hashes them on the way.</summary>
/// <remarks>
/// The server does not copy: the hash must be computed from the very bytes that are stored, and a server-side copy under a managed identity
/// needs a user-delegation SAS or a second token for its source. Costs one read and, up to 4 MiB, one write. Memory holds one block at
/// most.
/// </remarks>
internal static class BlobCopy
{
    private const int BlockBytes = 4 * 1024 * 1024;
    private const int BlockIdBytes = 20;

    /// <summary>
    /// Copies <paramref name="source"/> if it is unchanged since <paramref name="version"/>; the target appears whole or not at all.
    /// </summary>
    /// <param name="version">Null: any version.</param>
    /// <param name="condition">Condition for the target; null: overwrite.</param>
    /// <param name="sha256">Expected hash; null: any.</param>
    /// <returns>Null if the source is not (or no longer) that version, or if the target does not meet its condition.</returns>
    /// <exception cref="InvalidDataException">The bytes have a different hash; nothing was written.</exception>
    public static async Task<CopiedBlob?> TryCopyAsync(
        BlobClient source,
        ETag? version,
        BlockBlobClient target,
        BlobRequestConditions? condition,
        IDictionary<string, string>? metadata,
        string? sha256,
        CancellationToken cancellationToken)
    {
        try
        {
            // The stream pins the opened blob by its ETag: a change during the copy makes it fail, so it never mixes two contents.
            var options = new BlobDownloadOptions
            {
                Conditions = version is { } match ? new BlobRequestConditions { IfMatch = match } : null,
            };
            using BlobDownloadStreamingResult opened = await source.DownloadStreamingAsync(options, cancellationToken);
            byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(opened.Details.ContentLength, 1, BlockBytes));
            try
            {
                var copy = new Copy(source.Name, opened.Content, opened.Details.ContentLength, target, buffer);
                return await copy.RunAsync(condition, metadata, sha256, cancellationToken);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
        catch (RequestFailedException exception) when (IsLost(exception))
        {
            return null;
        }
    }

    /// <summary>Stores and hashes a content of a known size; the target appears whole or not at all.</summary>
    /// <param name="name">A name for the exception.</param>
    /// <exception cref="InvalidDataException">The bytes have a different size or hash; nothing was written.</exception>
    public static async Task StoreAsync(
        string name, Stream content, long bytes, string sha256, BlockBlobClient target, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(bytes, 1, BlockBytes));
        try
        {
            await new Copy(name, content, bytes, target, buffer).RunAsync(null, null, sha256, cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // Another copy's commit discards our uncommitted blocks, so InvalidBlockList is a lost race too.
    private static bool IsLost(RequestFailedException exception) =>
        exception.Status is 404 or 409 or 412 || exception.ErrorCode == BlobErrorCode.InvalidBlockList;

    private sealed class Copy(string name, Stream content, long bytes, BlockBlobClient target, byte[] buffer)
    {
        private readonly Guid _copy = Guid.NewGuid();
        private readonly List<string> _blocks = [];
        private long _read;

        public async Task<CopiedBlob> RunAsync(
            BlobRequestConditions? condition, IDictionary<string, string>? metadata, string? sha256, CancellationToken cancellationToken)
        {
            using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            bool isSmall = bytes <= BlockBytes;
            int block = await ReadAsync(hash, cancellationToken);
            for (; !isSmall && block > 0; block = await ReadAsync(hash, cancellationToken))
            {
                await StageAsync(block, cancellationToken);
            }

            string actual = Convert.ToHexStringLower(hash.GetHashAndReset());
            if (_read != bytes || (sha256 is not null && actual != sha256))
            {
                throw new InvalidDataException(
                    $"'{name}' has {_read} bytes with SHA-256 {actual}, not {bytes} with {sha256 ?? "any"}.");
            }

            Dictionary<string, string> withHash = new(metadata ?? new Dictionary<string, string>()) { ["sha256"] = actual };
            if (isSmall)
            {
                using var whole = new MemoryStream(buffer, 0, block, writable: false);
                await target.UploadAsync(whole, new BlobUploadOptions { Conditions = condition, Metadata = withHash }, cancellationToken);
            }
            else
            {
                var commit = new CommitBlockListOptions { Conditions = condition, Metadata = withHash };
                await target.CommitBlockListAsync(_blocks, commit, cancellationToken);
            }

            return new CopiedBlob(bytes, actual);
        }

        private async Task<int> ReadAsync(IncrementalHash hash, CancellationToken cancellationToken)
        {
            int block = (int)Math.Min(bytes - _read, BlockBytes);
            int read = await content.ReadAtLeastAsync(buffer.AsMemory(0, block), block, throwOnEndOfStream: false, cancellationToken);
            hash.AppendData(buffer, 0, read);
            _read += read;
            return read;
        }

        private async Task StageAsync(int block, CancellationToken cancellationToken)
        {
            // Ids of one length that no other copy to the same target uses: the uncommitted blocks of both exist side by side.
            byte[] id = new byte[BlockIdBytes];
            _copy.TryWriteBytes(id);
            BinaryPrimitives.WriteInt32BigEndian(id.AsSpan(BlockIdBytes - sizeof(int)), _blocks.Count);
            _blocks.Add(Convert.ToBase64String(id));
            using var staged = new MemoryStream(buffer, 0, block, writable: false);
            await target.StageBlockAsync(_blocks[^1], staged, cancellationToken: cancellationToken);
        }
    }
}
