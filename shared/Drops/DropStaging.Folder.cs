using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Modeldrop.Manifests;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Storage;

namespace Modeldrop.Drops;

public sealed partial class DropStaging
{
    /// <summary>Lists the folder of a drop without taking anything.</summary>
    /// <param name="withManifest">Whether to read the companions that <c>model.json</c> lists.</param>
    public Task<DropFolder> LookAsync(DropPath path, bool withManifest, CancellationToken cancellationToken) =>
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

            bool readsManifest = withManifest
                && files.Exists(file => file.Name == ManifestReader.FileName && file.Bytes is > 0 and <= ManifestReader.MaxBytes);
            return new DropFolder(files, readsManifest ? await ReadCompanionsAsync(path, cancellationToken) : null, at);
        });

    /// <summary>Returns a companion's ETag (null if it does not exist) and the models beside it. One listing.</summary>
    /// <param name="companion">See <see cref="FileNames.IsCompanionBlob"/>.</param>
    public Task<(string? ETag, IReadOnlyList<(DropPath Path, string ETag)> Models)> FindBesideAsync(
        string companion, CancellationToken cancellationToken) =>
        StoreCall.RunAsync<(string?, IReadOnlyList<(DropPath, string)>)>($"the folder of '{companion}'", async () =>
        {
            var options = new GetBlobsByHierarchyOptions { Prefix = companion[..(companion.LastIndexOf('/') + 1)], Delimiter = "/" };
            string? etag = null;
            List<(DropPath, string)> models = [];
            await foreach (BlobHierarchyItem item in _drop.GetBlobsByHierarchyAsync(options, cancellationToken).Where(item => item.IsBlob))
            {
                etag = item.Blob.Name == companion ? ETagOf(item.Blob.Properties) : etag;
                if (DropPath.Find(item.Blob.Name) is { IsBundle: false } path)
                {
                    models.Add((path, ETagOf(item.Blob.Properties)));
                }
            }

            return (etag, models);
        });

    /// <summary>Whether files of the drop have arrived or changed since it was staged. One listing.</summary>
    public async Task<bool> HasChangedAsync(DropPath path, StagedDrop staged, CancellationToken cancellationToken) =>
        PartsOf(path, await LookAsync(path, withManifest: false, cancellationToken))
            .Exists(file => staged.Taken.GetValueOrDefault(file.Name) != file.ETag);

    /// <summary>Lists operations whose staged files were all written before an instant.</summary>
    public async IAsyncEnumerable<OperationId> ListAsync(
        DateTimeOffset before, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        OperationId? current = null;
        bool isOld = true;
        await foreach (BlobItem blob in StoreCall.EnumerateAsync(
                "the staged files", _staging.GetBlobsAsync(cancellationToken: cancellationToken), cancellationToken))
        {
            if (OperationId.Find(blob.Name.Split('/')[0]) is not { } operation)
            {
                continue;
            }

            if (current is { } previous && operation != previous && isOld)
            {
                yield return previous;
            }

            isOld = (operation != current || isOld) && blob.Properties.LastModified < before;
            current = operation;
        }

        if (current is { } last && isOld)
        {
            yield return last;
        }
    }

    // The model first, if it still exists, then its companions by name.
    private static List<DropFile> PartsOf(DropPath path, DropFolder folder)
    {
        string model = path.BlobName[path.Folder.Length..];
        return [.. folder.Files.Where(file => file.Name != FileNames.Ready)
            .OrderBy(file => file.Name == model ? 0 : 1).ThenBy(file => file.Name, StringComparer.Ordinal)];
    }

    private static bool IsPart(DropPath path, string blobName) =>
        blobName == path.BlobName || blobName == path.Folder + FileNames.Ready || path.IsCompanion(blobName);

    private static DropFile FileOf(string name, BlobItemProperties properties) =>
        new(name, properties.LastModified!.Value, ETagOf(properties), properties.ContentLength ?? 0);

    private async Task<IReadOnlyList<string>?> ReadCompanionsAsync(DropPath path, CancellationToken cancellationToken)
    {
        try
        {
            // The file may have grown since it was listed.
            var options = new BlobDownloadOptions { Range = new HttpRange(0, ManifestReader.MaxBytes) };
            BlobClient manifest = _drop.GetBlobClient(path.Folder + ManifestReader.FileName);
            BlobDownloadResult result = await manifest.DownloadContentAsync(options, cancellationToken);
            return ManifestReader.Read(result.Content).Manifest?.Companions;
        }
        catch (RequestFailedException exception) when (exception.Status is 404 or 416)
        {
            // Deleted or emptied since it was listed.
            return null;
        }
    }
}
