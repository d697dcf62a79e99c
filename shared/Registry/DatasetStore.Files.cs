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
    /// <param name="path">Local path of the file; its extension is kept.</param>
    /// <returns>See <see cref="DatasetVersion.File"/>.</returns>
    public async Task<string> StoreFileAsync(DatasetName name, string digest, string path, CancellationToken cancellationToken)
    {
        string blob = $"{name}/{digest}{Path.GetExtension(path)}";

        // An existing blob is written again. That renews its age, so the orphan sweep leaves it until its version refers to it.
        await StoreCall.RunAsync(
            $"data set '{name}'", () => _files.GetBlobClient(blob).UploadAsync(path, overwrite: true, cancellationToken));
        return blob;
    }

    /// <summary>Deletes bytes that never became a version because their upload died.</summary>
    /// <param name="before">Younger blobs are kept: they may still become a version.</param>
    /// <returns>The number of deleted blobs.</returns>
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
                Response<bool> deleted = await _files.GetBlobClient(blob.Name)
                    .DeleteIfExistsAsync(conditions: unchanged, cancellationToken: cancellationToken);
                return deleted.Value;
            }
            catch (RequestFailedException exception) when (exception.Status == 412)
            {
                return false;
            }
        });
}
