using System.Globalization;
using System.Runtime.CompilerServices;
using Azure.Storage.Blobs.Models;
using Modeldrop.Names;
using Modeldrop.Storage;

namespace Modeldrop.Registry;

public sealed partial class VersionStore
{
    /// <summary>Whether the version has files that <see cref="DeleteFilesAsync"/> would delete.</summary>
    public async Task<bool> HasFilesAsync(VersionName version, CancellationToken cancellationToken) =>
        (await ReadFolderAsync(version, cancellationToken)).Blobs.Any(blob => !IsKept(blob.Key, blob.Value));

    /// <summary>Deletes the model and the files that only it needs; record, documents, manifest, card and reference data stay.</summary>
    public async Task DeleteFilesAsync(VersionName version, CancellationToken cancellationToken)
    {
        VersionFolder folder = await ReadFolderAsync(version, cancellationToken);
        foreach ((string path, BlobItem blob) in folder.Blobs.Where(blob => !IsKept(blob.Key, blob.Value)))
        {
            await StoreCall.RunAsync(Name(version, path), () => TryDeleteAsync(blob, cancellationToken));
        }
    }

    /// <summary>Lists folders whose newest blob is older than <paramref name="before"/>.</summary>
    public async IAsyncEnumerable<VersionName> ListFoldersAsync(
        DateTimeOffset before, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        VersionName? current = null;
        bool isOld = true;
        await foreach (BlobItem blob in StoreCall.EnumerateAsync(
                "the versions", _models.GetBlobsAsync(cancellationToken: cancellationToken), cancellationToken))
        {
            if (blob.Name.Split('/') is not [var name, var number, _, ..]
                    || ModelName.Find(name) is not { } model
                    || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int version))
            {
                continue;
            }

            if (current is { } folder && folder != new VersionName(model, version))
            {
                if (isOld)
                {
                    yield return folder;
                }

                isOld = true;
            }

            current = new VersionName(model, version);
            isOld &= blob.Properties.LastModified < before;
        }

        if (current is { } last && isOld)
        {
            yield return last;
        }
    }

    /// <summary>Deletes a folder that belongs to no version, with its content.</summary>
    public async Task DeleteFolderAsync(VersionName version, CancellationToken cancellationToken)
    {
        VersionFolder folder = await ReadFolderAsync(version, cancellationToken);
        foreach ((string path, BlobItem blob) in folder.Blobs)
        {
            await StoreCall.RunAsync(Name(version, path), () => TryDeleteAsync(blob, cancellationToken));
        }
    }

    // A late file is stored under its own hash.
    private static bool IsKept(string path, BlobItem blob) =>
        IsDocument(blob) || path.Split(
            '/')[^1] is ServiceFiles.Version or "model.json" or "card.md" or "reference.csv" or "reference.parquet";
}
