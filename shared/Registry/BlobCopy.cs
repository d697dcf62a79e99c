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

/// <summary>Conditions of a copy, and what is stored beside the bytes. Null members set no condition.</summary>
internal sealed record BlobCopyOptions
{
    /// <summary>The version of the source to copy.</summary>
    public ETag? Source { get; init; }

    /// <summary>Condition for the target; null: overwrite it.</summary>
    public BlobRequestConditions? Target { get; init; }

    /// <summary>Expected hash of the bytes.</summary>
    public string? Sha256 { get; init; }

    /// <summary>The target's metadata; the hash is added.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();
}

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
    /// Copies <paramref name="source"/> if both blobs meet their conditions; the target appears whole or not at all.
    /// </summary>
    /// <returns>Null if the source or the target does not meet its condition, or if there is no source.</returns>
    /// <exception cref="InvalidDataException">The bytes have a different hash; nothing was written.</exception>
    public static async Task<CopiedBlob?> TryCopyAsync(
        BlobClient source, BlockBlobClient target, BlobCopyOptions options, CancellationToken cancellationToken)
    {
        try
        {
            // The stream pins the opened blob by its ETag: a change during the copy makes it fail, so it never mixes two contents.
            var download = new BlobDownloadOptions
            {
                Conditions = options.Source is { } match ? new BlobRequestConditions { IfMatch = match } : null,
            };
            using BlobDownloadStreamingResult opened = await source.DownloadStreamingAsync(download, cancellationToken);
            byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(opened.Details.ContentLength, 1, BlockBytes));
            try
            {
                var copy = new Copy(source.Name, opened.Content, opened.Details.ContentLength, target, buffer);
                return await copy.RunAsync(options, cancellationToken);
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
            await new Copy(name, content, bytes, target, buffer).RunAsync(new BlobCopyOptions { Sha256 = sha256 }, cancellationToken);
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

        public async Task<CopiedBlob> RunAsync(BlobCopyOptions options, CancellationToken cancellationToken)
        {
            using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            bool isSmall = bytes <= BlockBytes;
            int block = await ReadAsync(hash, cancellationToken);
            for (; !isSmall && block > 0; block = await ReadAsync(hash, cancellationToken))
            {
                await StageAsync(block, cancellationToken);
            }

            string actual = Convert.ToHexStringLower(hash.GetHashAndReset());
            if (_read != bytes || (options.Sha256 is { } expected && actual != expected))
            {
                throw new InvalidDataException(
                    $"'{name}' has {_read} bytes with SHA-256 {actual}, not {bytes} with {options.Sha256 ?? "any"}.");
            }

            Dictionary<string, string> metadata = new(options.Metadata) { ["sha256"] = actual };
            if (isSmall)
            {
                using var whole = new MemoryStream(buffer, 0, block, writable: false);
                var upload = new BlobUploadOptions { Conditions = options.Target, Metadata = metadata };
                await target.UploadAsync(whole, upload, cancellationToken);
            }
            else
            {
                var commit = new CommitBlockListOptions { Conditions = options.Target, Metadata = metadata };
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
