using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Modeldrop.Storage;

namespace Modeldrop.Registry;

public sealed partial class DropStaging
{
    /// <summary>Looks at the folder of a drop, without taking anything.</summary>
    public Task<DropFolder> LookAsync(DropPath path, CancellationToken cancellationToken) =>
        StoreCall.RunAsync($"the folder of drop '{path.BlobName}'", async () =>
        {
            var options = new GetBlobsByHierarchyOptions { Prefix = path.Folder, Delimiter = "/" };
            List<DropFile> files = [];
            DateTimeOffset at = default;
            await foreach (Page<BlobHierarchyItem> page in _drop.GetBlobsByHierarchyAsync(options, cancellationToken).AsPages())
            {
                at = page.GetRawResponse().Headers.Date ?? clock.GetUtcNow();
                files.AddRange(page.Values
                    .Where(item => item.IsBlob && IsPart(path, item.Blob.Name))
                    .Select(item => FileOf(item.Blob.Name[path.Folder.Length..], item.Blob.Properties)));
            }

            bool hasManifest = files.Exists(file => file.Name == ManifestReader.FileName);
            BlobClient manifest = _drop.GetBlobClient(path.Folder + ManifestReader.FileName);
            return new DropFolder(files, hasManifest ? await ReadCompanionsAsync(manifest, cancellationToken) : null, at);
        });

    private static bool IsPart(DropPath path, string blobName) =>
        blobName == path.BlobName || blobName == path.Folder + DropPath.ReadyFile || path.IsCompanion(blobName);

    private static DropFile FileOf(string name, BlobItemProperties properties) =>
        new(name, properties.LastModified!.Value, Bare(properties.ETag!.Value.ToString()));

    private static async Task<IReadOnlyList<string>?> ReadCompanionsAsync(BlobClient manifest, CancellationToken cancellationToken)
    {
        try
        {
            BlobProperties properties = await manifest.GetPropertiesAsync(cancellationToken: cancellationToken);
            if (properties.ContentLength > ManifestReader.MaxBytes)
            {
                return null;
            }

            BlobDownloadResult result = await manifest.DownloadContentAsync(cancellationToken);
            return ManifestReader.Read(result.Content).Manifest?.Companions;
        }
        catch (RequestFailedException exception) when (exception.Status == 404)
        {
            // Taken away since it was listed.
            return null;
        }
    }
}
