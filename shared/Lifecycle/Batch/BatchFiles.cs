using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Modeldrop.Errors;
using Modeldrop.Storage;

namespace Modeldrop.Lifecycle.Batch;

/// <summary>The files of the container <c>batch</c>: the files to score and, beside them, the answers.</summary>
/// <remarks>A result consists of blocks, one a chunk, named by the chunk's number: scoring a chunk again replaces its block.</remarks>
public sealed class BatchFiles(StorageAccount account)
{
    private readonly BlobContainerClient _container = account.Container(BlobContainers.Batch);

    /// <summary>Returns null if the blob does not exist.</summary>
    public Task<BatchFile?> FindAsync(string path, CancellationToken cancellationToken) =>
        StoreCall.RunAsync($"'{path}'", async () =>
        {
            try
            {
                BlobProperties properties = await _container.GetBlobClient(path).GetPropertiesAsync(cancellationToken: cancellationToken);
                return new BatchFile(path, properties.ETag.ToString(), properties.ContentLength);
            }
            catch (RequestFailedException exception) when (exception.Status == 404)
            {
                return null;
            }
        });

    /// <summary>Reads a range of the blob's bytes.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.RegistryConflict"/> when the blob has changed.</exception>
    public Task<Stream> ReadAsync(BatchFile file, long start, long length, CancellationToken cancellationToken) =>
        UnchangedAsync(file, async () =>
        {
            var options = new BlobDownloadOptions { Range = new HttpRange(start, length), Conditions = Same(file) };
            BlobDownloadResult result = await _container.GetBlobClient(file.Path).DownloadContentAsync(options, cancellationToken);
            return result.Content.ToStream();
        });

    /// <summary>Opens the whole blob as a stream that can seek.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.RegistryConflict"/> when the blob has changed.</exception>
    public Task<Stream> OpenAsync(BatchFile file, CancellationToken cancellationToken) =>
        UnchangedAsync(
            file,
            () => _container.GetBlobClient(file.Path)
                .OpenReadAsync(new BlobOpenReadOptions(allowModifications: false) { Conditions = Same(file) }, cancellationToken));

    public Task StageAsync(string path, int block, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        StoreCall.RunAsync($"'{path}'", () => _container.GetBlockBlobClient(path)
            .StageBlockAsync(NameOf(block), BinaryData.FromBytes(content).ToStream(), new BlockBlobStageBlockOptions(), cancellationToken));

    /// <summary>Commits the staged blocks as a blob, in the order of their numbers. Safe to repeat.</summary>
    public Task CommitAsync(string path, string contentType, IDictionary<string, string> metadata, CancellationToken cancellationToken) =>
        StoreCall.RunAsync($"'{path}'", async () =>
        {
            BlockBlobClient blob = _container.GetBlockBlobClient(path);
            BlockList staged = await blob.GetBlockListAsync(BlockListTypes.All, cancellationToken: cancellationToken);
            // A part that holds only blank lines has no block.
            IEnumerable<string> blocks = staged.UncommittedBlocks.Concat(staged.CommittedBlocks).Select(block => block.Name).Distinct()
                .OrderBy(NumberOf);
            var options =
                new CommitBlockListOptions { HttpHeaders = new BlobHttpHeaders { ContentType = contentType }, Metadata = metadata };
            await blob.CommitBlockListAsync(blocks, options, cancellationToken);
        });

    private static Task<T> UnchangedAsync<T>(BatchFile file, Func<Task<T>> call) =>
        StoreCall.RunAsync($"'{file.Path}'", async () =>
        {
            try
            {
                return await call();
            }
            catch (RequestFailedException exception) when (exception.Status is 404 or 412)
            {
                throw new ServiceException(
                    ErrorCode.RegistryConflict, $"'{file.Path}' was changed or deleted while it was being scored; start again.", exception);
            }
        });

    private static BlobRequestConditions Same(BatchFile file) => new() { IfMatch = new ETag(file.ETag) };

    // All names of a blob's blocks are equally long.
    private static string NameOf(int block) => Convert.ToBase64String(BitConverter.GetBytes(block));

    private static int NumberOf(string block) => BitConverter.ToInt32(Convert.FromBase64String(block));
}

/// <param name="Path">Path in the container.</param>
public sealed record BatchFile(string Path, string ETag, long Bytes);
