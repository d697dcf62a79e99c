using System.Collections.Concurrent;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Storage;

namespace Modeldrop.Registry;

/// <summary>The content of a version's folder when it was read: blobs by their path in it.</summary>
internal sealed record VersionFolder(IReadOnlyDictionary<string, BlobItem> Blobs);

/// <summary>The stored files of versions: <c>models/&lt;model&gt;/&lt;version&gt;/…</c>.</summary>
/// <remarks>
/// Thread-safe. A version exists when the model's head says so: a folder without that is the work of an unfinished operation.
/// </remarks>
public sealed partial class VersionStore(StorageAccount account) : IVersionSource
{
    // A record with a hundred tensors has some 20 KB: a full cache takes less memory than one small model.
    private const int MaxCachedRecords = 1_000;

    private const string OperationKey = "operation";
    private const string HashKey = "sha256";
    private const string DocumentKey = "document";

    private readonly BlobContainerClient _models = account.Container(BlobContainers.Models);
    private readonly BlobContainerClient _staging = account.Container(BlobContainers.Staging);
    private readonly ConcurrentDictionary<VersionName, ModelVersion> _records = new();

    /// <summary>Returns the version's record; null if it does not exist. It never changes, so it is cached.</summary>
    private async Task<ModelVersion?> FindRecordAsync(VersionName version, CancellationToken cancellationToken)
    {
        if (_records.TryGetValue(version, out ModelVersion? cached))
        {
            return cached;
        }

        byte[]? json = await FindDocumentAsync(version, ServiceFiles.Version, cancellationToken);
        if (json is null)
        {
            return null;
        }

        ModelVersion record = new BinaryData(json).ToObjectFromJson<ModelVersion>(StoredJson.Options)!;
        if (_records.Count >= MaxCachedRecords)
        {
            // Clearing the cache is simpler than an eviction order, and costs one small read a version.
            _records.Clear();
        }

        return _records[version] = record;
    }

    /// <summary>Caches the record of a version that has just been registered, so that it need not be read.</summary>
    internal void Keep(ModelVersion record)
    {
        if (_records.Count < MaxCachedRecords)
        {
            _records[record.Name] = record;
        }
    }

    /// <summary>Opens a file or document of the version, by its path in it, as a stream that can seek.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.FileNotFound"/>.</exception>
    public Task<Stream> OpenAsync(VersionName version, string path, CancellationToken cancellationToken) =>
        StoreCall.RunAsync(Name(version, path), async () =>
        {
            string stored = (await FindAsync(version, cancellationToken))?.FindFile(path)?.StoredAt ?? path;
            try
            {
                return await Blob(version, stored).OpenReadAsync(cancellationToken: cancellationToken);
            }
            catch (RequestFailedException exception) when (exception.Status == 404)
            {
                throw NoFile(version, path, exception);
            }
        });

    /// <summary>Reads a file in a version's record from start to end, in one request; the stream cannot seek.</summary>
    /// <param name="storedAt">The stored path, according to the record: the file's own path, unless it came late.</param>
    /// <exception cref="ServiceException"><see cref="ErrorCode.FileNotFound"/>.</exception>
    public Task<Stream> ReadAsync(VersionName version, string storedAt, CancellationToken cancellationToken) =>
        StoreCall.RunAsync(Name(version, storedAt), async () =>
        {
            try
            {
                BlobClient blob = Blob(version, storedAt);
                return (await blob.DownloadStreamingAsync(cancellationToken: cancellationToken)).Value.Content;
            }
            catch (RequestFailedException exception) when (exception.Status == 404)
            {
                throw NoFile(version, storedAt, exception);
            }
        });

    /// <summary>Reads the state of the folder on which <see cref="TryWriteAsync"/> makes its writes conditional.</summary>
    internal Task<VersionFolder> ReadFolderAsync(VersionName version, CancellationToken cancellationToken) =>
        StoreCall.RunAsync($"version {version.Number} of '{version.Model}'", async () =>
        {
            string prefix = $"{version.Model}/{version.Number}/";
            var options = new GetBlobsOptions { Prefix = prefix, Traits = BlobTraits.Metadata };
            return new VersionFolder(await _models.GetBlobsAsync(options, cancellationToken)
                .ToDictionaryAsync(blob => blob.Name[prefix.Length..], cancellationToken: cancellationToken));
        });

    /// <summary>
    /// Copies staged files to the version's folder, deletes other files there, and writes the record last, if nobody else has written since
    /// <paramref name="folder"/> was read. Safe to repeat.
    /// </summary>
    /// <param name="stagingFolder">Folder in <see cref="BlobContainers.Staging"/>, without the final <c>/</c>.</param>
    /// <remarks>
    /// Every write and delete is conditional on the state of the folder that was read, and every blob of the version gets a new ETag: blobs
    /// that an interrupted run of this operation has already copied are touched instead of copied again. So of two operations in one
    /// folder, only the one that read it later can finish, however long the other one paused.
    /// </remarks>
    /// <returns>False if somebody else has written.</returns>
    internal Task<bool> TryWriteAsync(
        ModelVersion version, string stagingFolder, VersionFolder folder, CancellationToken cancellationToken) =>
        StoreCall.RunAsync($"version {version.Number} of '{version.Model}'", async () =>
        {
            ModelName model = version.Model;
            _records.TryRemove(version.Name, out _);
            foreach (VersionFile file in version.Files)
            {
                if (!await TryCopyAsync(model, version, file, stagingFolder, folder, cancellationToken))
                {
                    return false;
                }
            }

            foreach ((string path, BlobItem blob) in folder.Blobs)
            {
                bool belongs = path == ServiceFiles.Version || IsDocument(blob) || version.Files.Any(file => file.Path == path);
                if (!belongs && !await TryDeleteAsync(blob, cancellationToken))
                {
                    return false;
                }
            }

            return await TryWriteRecordAsync(model, version, folder, cancellationToken);
        });

    /// <summary>Deletes the blobs that an operation wrote to a folder that became another operation's version, or none.</summary>
    internal Task RemoveAsync(VersionName version, OperationId operation, CancellationToken cancellationToken) =>
        StoreCall.RunAsync($"version {version.Number} of '{version.Model}'", async () =>
        {
            VersionFolder folder = await ReadFolderAsync(version, cancellationToken);
            foreach (BlobItem blob in folder.Blobs.Values.Where(blob => Metadata(blob, OperationKey) == operation.ToString()))
            {
                await TryDeleteAsync(blob, cancellationToken);
            }
        });

    private async Task<bool> TryCopyAsync(
        ModelName model, ModelVersion version, VersionFile file, string stagingFolder, VersionFolder folder,
        CancellationToken cancellationToken)
    {
        BlobItem? present = folder.Blobs.GetValueOrDefault(file.Path);
        string operation = version.Operation.ToString();
        if (present is not null && Metadata(present, OperationKey) == operation && Metadata(present, HashKey) == file.Sha256)
        {
            return await TryAsync(() =>
                _models.GetBlobClient(present.Name).SetMetadataAsync(present.Metadata, Unchanged(present), cancellationToken));
        }

        BlobClient source = _staging.GetBlobClient($"{stagingFolder}/{file.Path}");
        var options = new BlobCopyOptions
        {
            Target = Unchanged(present),
            Sha256 = file.Sha256,
            Metadata = new Dictionary<string, string> { [OperationKey] = operation },
        };
        CopiedBlob? copy = await BlobCopy.TryCopyAsync(
            source, _models.GetBlockBlobClient($"{model}/{version.Number}/{file.Path}"), options, cancellationToken);
        return copy is not null || (await source.ExistsAsync(cancellationToken)
            ? false
            : throw new ServiceException(
                ErrorCode.FileNotFound, $"'{file.Path}' of operation '{version.Operation}' is no longer staged."));
    }

    private async Task<bool> TryWriteRecordAsync(
        ModelName model, ModelVersion version, VersionFolder folder, CancellationToken cancellationToken)
    {
        var options = new BlobUploadOptions
        {
            Conditions = Unchanged(folder.Blobs.GetValueOrDefault(ServiceFiles.Version)),
            HttpHeaders = new BlobHttpHeaders { ContentType = "application/json" },
            Metadata = new Dictionary<string, string> { [OperationKey] = version.Operation.ToString() },
        };
        return await TryAsync(() => Blob(version.Name, ServiceFiles.Version).UploadAsync(
            BinaryData.FromObjectAsJson(version, StoredJson.Options), options, cancellationToken));
    }

    private Task<bool> TryDeleteAsync(BlobItem blob, CancellationToken cancellationToken) =>
        TryAsync(
            () => _models.GetBlobClient(blob.Name).DeleteIfExistsAsync(conditions: Unchanged(blob), cancellationToken: cancellationToken));

    private static async Task<bool> TryAsync(Func<Task> write)
    {
        try
        {
            await write();
            return true;
        }
        catch (RequestFailedException exception) when (exception.Status is 404 or 409 or 412)
        {
            return false;
        }
    }

    private BlobClient Blob(VersionName version, string path) =>
        path.Split('/').All(FileNames.IsSafe)
            ? _models.GetBlobClient($"{version.Model}/{version.Number}/{path}")
            : throw NoFile(version, path);

    private static ServiceException NoFile(VersionName version, string path, Exception? cause = null) =>
        new(ErrorCode.FileNotFound, $"Version {version.Number} of '{version.Model}' has no file '{path}'.", cause);

    private static BlobRequestConditions Unchanged(BlobItem? blob) =>
        blob is null ? new BlobRequestConditions { IfNoneMatch = ETag.All } : new BlobRequestConditions { IfMatch = blob.Properties.ETag };

    private static bool IsDocument(BlobItem blob) => Metadata(blob, DocumentKey) is not null;

    private static string? Metadata(BlobItem blob, string key) => blob.Metadata.TryGetValue(key, out string? value) ? value : null;

    private static string Name(VersionName version, string path) => $"'{path}' of version {version.Number} of '{version.Model}'";
}
