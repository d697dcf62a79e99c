using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Modeldrop.Names;
using Modeldrop.Storage;

namespace Modeldrop.Registry;

public sealed partial class DatasetStore
{
    private readonly BlobContainerClient _files = account.Container(BlobContainers.Datasets);

    /// <summary>Stores the bytes of a data set under their hash; the same bytes are one blob.</summary>
    /// <param name="path">Of the file; its ending is kept.</param>
    /// <returns>See <see cref="DatasetVersion.File"/>.</returns>
    public async Task<string> StoreFileAsync(DatasetName name, string digest, string path, CancellationToken cancellationToken)
    {
        string blob = $"{name}/{digest}{Path.GetExtension(path)}";

        // Written again even if it is there: that makes it young, and the orphan sweep leaves it alone until its version names it.
        await StoreCall.RunAsync(
            $"data set '{name}'", () => _files.GetBlobClient(blob).UploadAsync(path, overwrite: true, cancellationToken));
        return blob;
    }

    /// <summary>The bytes of a data set; can seek. Null when there are none of its own, because it came with a model.</summary>
    public Task<Stream?> FindFileAsync(DatasetVersion version, CancellationToken cancellationToken) =>
        version.File is null
            ? Task.FromResult<Stream?>(null)
            : StoreCall.RunAsync<Stream?>(
                $"data set '{version.Name}'",
                () => _files.GetBlobClient(version.File).OpenReadAsync(cancellationToken: cancellationToken)!);

    /// <summary>Deletes bytes that became no version, because their upload died.</summary>
    /// <param name="before">Younger ones may get their version yet.</param>
    /// <returns>How many blobs.</returns>
    public async Task<int> DeleteOrphanFilesAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        int deleted = 0;
        await foreach (BlobItem blob in StoreCall.EnumerateAsync(
                "the data sets", _files.GetBlobsAsync(cancellationToken: cancellationToken), cancellationToken))
        {
            if (blob.Properties.LastModified >= before || blob.Name.Split('/') is not [string name, string file])
            {
                continue;
            }

            if (await StoreCall.RunAsync(
                    "the data sets",
                    () => FindRowAsync(name, DigestKey(Path.GetFileNameWithoutExtension(file)), cancellationToken)) is null)
            {
                deleted += await TryDeleteAsync(blob, cancellationToken) ? 1 : 0;
            }
        }

        return deleted;
    }

    private Task<bool> TryDeleteAsync(BlobItem blob, CancellationToken cancellationToken) =>
        StoreCall.RunAsync("the data sets", async () =>
        {
            try
            {
                var unchanged = new BlobRequestConditions { IfMatch = blob.Properties.ETag };
                return (
                    await _files.GetBlobClient(blob.Name).DeleteIfExistsAsync(
                        conditions: unchanged, cancellationToken: cancellationToken)).Value;
            }
            catch (RequestFailedException exception) when (exception.Status == 412)
            {
                return false;
            }
        });
}
