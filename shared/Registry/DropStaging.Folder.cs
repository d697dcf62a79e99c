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

    /// <summary>The models that lie beside a companion, with their ETags. One listing.</summary>
    /// <param name="companion">See <see cref="DropPath.IsCompanionBlob"/>.</param>
    public async Task<IReadOnlyList<(DropPath Path, string ETag)>> FindModelsAsync(string companion, CancellationToken cancellationToken)
    {
        var options = new GetBlobsByHierarchyOptions { Prefix = companion[..(companion.LastIndexOf('/') + 1)], Delimiter = "/" };
        return await StoreCall.RunAsync($"the folder of '{companion}'", async () =>
            await _drop.GetBlobsByHierarchyAsync(options, cancellationToken)
                .Where(item => item.IsBlob)
                .Select(item => (Path: DropPath.Find(item.Blob.Name), ETag: ETagOf(item.Blob.Properties)))
                .Where(model => model.Path is not null)
                .Select(model => (model.Path!, model.ETag))
                .ToListAsync(cancellationToken));
    }

    /// <summary>Whether files of the drop have come, or changed, since it was staged. One listing.</summary>
    public Task<bool> HasChangedAsync(DropPath path, StagedDrop staged, CancellationToken cancellationToken) =>
        StoreCall.RunAsync($"the folder of drop '{path.BlobName}'", async () =>
            (await ListDropAsync(path, cancellationToken)).Exists(
                file => staged.Taken.GetValueOrDefault(file.Name[path.Folder.Length..]) != ETagOf(file.Properties)));

    private static bool IsPart(DropPath path, string blobName) =>
        blobName == path.BlobName || blobName == path.Folder + DropPath.ReadyFile || path.IsCompanion(blobName);

    private static DropFile FileOf(string name, BlobItemProperties properties) =>
        new(name, properties.LastModified!.Value, ETagOf(properties));

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
