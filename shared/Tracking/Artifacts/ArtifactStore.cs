using Azure;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Modeldrop.Errors;
using Modeldrop.Storage;

namespace Modeldrop.Tracking.Artifacts;

/// <summary>Artifacts of runs and logged models, in the container <c>artifacts</c>. Thread-safe.</summary>
public sealed class ArtifactStore(StorageAccount account)
{
    /// <summary>The largest file, in bytes: no larger model can be registered.</summary>
    public const long MaxFileBytes = 2L << 30;

    /// <summary>The most files and folders in a listing.</summary>
    private const int MaxListed = 10_000;

    private const int BlockBytes = 4 << 20;

    /// <summary>Blocks are sent one after the other, so that only one block of a body is in memory.</summary>
    private static readonly StorageTransferOptions InBlocks = new()
    {
        InitialTransferSize = BlockBytes, MaximumTransferSize = BlockBytes, MaximumConcurrency = 1,
    };

    private readonly BlobContainerClient _artifacts = account.Container(BlobContainers.Artifacts);

    /// <summary>Stores a file and replaces an existing one. It appears whole or not at all.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.PayloadTooLarge"/>.</exception>
    public async Task WriteAsync(ArtifactPath path, Stream content, CancellationToken cancellationToken)
    {
        await using var bounded = new BoundedStream(content, MaxFileBytes);
        await StoreCall.RunAsync($"artifact '{path}'", () => _artifacts.GetBlobClient(path.FullPath).UploadAsync(
            bounded, new BlobUploadOptions { TransferOptions = InBlocks }, cancellationToken));
    }

    /// <summary>Opens a file for sequential reading.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.FileNotFound"/>.</exception>
    public Task<Stream> OpenAsync(ArtifactPath path, CancellationToken cancellationToken) =>
        StoreCall.RunAsync($"artifact '{path}'", async () =>
        {
            try
            {
                BlobClient blob = _artifacts.GetBlobClient(path.FullPath);
                return (await blob.DownloadStreamingAsync(cancellationToken: cancellationToken)).Value.Content;
            }
            catch (RequestFailedException exception) when (exception.Status == 404)
            {
                throw new ServiceException(ErrorCode.FileNotFound, $"There is no artifact '{path}'.", exception);
            }
        });

    /// <summary>The direct children of a folder; empty if the path does not exist or is a file.</summary>
    public Task<IReadOnlyList<ArtifactFile>> ListAsync(ArtifactPath folder, CancellationToken cancellationToken) =>
        StoreCall.RunAsync<IReadOnlyList<ArtifactFile>>($"the artifacts in '{folder}'", async () =>
        {
            string prefix = $"{folder.FullPath}/";
            var options = new GetBlobsByHierarchyOptions { Prefix = prefix, Delimiter = "/" };
            return await _artifacts.GetBlobsByHierarchyAsync(options, cancellationToken)
                .Take(MaxListed)
                .Select(item => item.IsPrefix
                    ? new ArtifactFile(item.Prefix[prefix.Length..^1], null)
                    : new ArtifactFile(
                        item.Blob.Name[prefix.Length..], item.Blob.Properties.ContentLength ?? 0, $"{item.Blob.Properties.ETag}"))
                .ToListAsync(cancellationToken);
        });

    /// <summary>Deletes a file, or a folder with its contents. Safe to repeat.</summary>
    public Task DeleteAsync(ArtifactPath path, CancellationToken cancellationToken) =>
        StoreCall.RunAsync($"artifact '{path}'", async () =>
        {
            await _artifacts.DeleteBlobIfExistsAsync(path.FullPath, cancellationToken: cancellationToken);
            var options = new GetBlobsOptions { Prefix = $"{path.FullPath}/" };
            await foreach (BlobItem blob in _artifacts.GetBlobsAsync(options, cancellationToken))
            {
                await _artifacts.DeleteBlobIfExistsAsync(blob.Name, cancellationToken: cancellationToken);
            }
        });
}
