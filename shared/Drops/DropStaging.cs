using System.Collections.Immutable;
using System.Security.Cryptography;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Microsoft.Extensions.Options;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Storage;

namespace Modeldrop.Drops;

/// <summary>
/// Copies packages from the drop container to <c>staging/&lt;operation&gt;/…</c>, where they no longer change, and writes the refusals of
/// drops.
/// </summary>
/// <remarks>
/// Each attempt copies into a folder of its own and publishes it with <c>staged.json</c>, which is created once: two runs of one activity
/// can never mix their files. Every method may be repeated. Throws <see cref="ErrorCode.StoreUnavailable"/>.
/// </remarks>
public sealed partial class DropStaging(StorageAccount account, IOptions<RegistryOptions> options, TimeProvider clock)
{
    private const int MaxAttempts = 5;

    private readonly BlobContainerClient _drop = account.Container(BlobContainers.Drop);
    private readonly BlobContainerClient _staging = account.Container(BlobContainers.Staging);
    private readonly RegistryOptions _options = options.Value;

    /// <summary>Copies the model and its companions and hashes every file. A second call returns the result of the first.</summary>
    /// <param name="expectedETag">ETag of the model's blob, with or without quotes.</param>
    /// <param name="seen">The folder, if it has just been listed.</param>
    /// <exception cref="ServiceException"><see cref="ErrorCode.RegistryConflict"/> when the companions keep changing.</exception>
    public Task<StagingResult> StageAsync(
        OperationId operation, DropPath path, string expectedETag, DropFolder? seen, CancellationToken cancellationToken) =>
        StoreCall.RunAsync($"drop '{path.BlobName}'", async () =>
        {
            if (path.Violations.Count > 0)
            {
                return StagingResult.Refused(path.Violations);
            }

            if (await ReadAsync(operation, cancellationToken) is { } staged)
            {
                return StagingResult.Of(staged);
            }

            for (int attempt = 1; attempt <= MaxAttempts; attempt++)
            {
                List<DropFile> files = PartsOf(path, seen ?? await LookAsync(path, withManifest: false, cancellationToken));
                seen = null;
                if (files is not [var model, ..] || path.Folder + model.Name != path.BlobName || model.ETag != Bare(expectedETag))
                {
                    return StagingResult.Gone;
                }

                List<string> reasons = Refuse(files, path.IsBundle ? _options.MaxBundleBytes : _options.MaxModelBytes);
                if (reasons.Count > 0)
                {
                    return StagingResult.Refused(reasons);
                }

                string folder = $"{operation}/{Guid.NewGuid():N}";
                Package? package = path.IsBundle
                    ? await TryUnpackAsync(path, files[0], folder, cancellationToken)
                    : await TryCopyAsync(path, files, folder, cancellationToken);
                if (package is { Reasons.Count: > 0 })
                {
                    return StagingResult.Refused(package.Reasons);
                }

                if (package is not null)
                {
                    StagedDrop drop = await PublishAsync(operation, path, files, folder, package, cancellationToken);
                    return StagingResult.Of(drop);
                }
            }

            throw new ServiceException(
                ErrorCode.RegistryConflict, $"The files beside '{path.BlobName}' keep changing; upload the model last.");
        });

    /// <summary>Returns the staged package of the operation; null before staging and after <see cref="DeleteAsync"/>.</summary>
    public Task<StagedDrop?> ReadAsync(OperationId operation, CancellationToken cancellationToken) =>
        ReadJsonAsync<StagedDrop>(_staging.GetBlobClient(RecordName(operation)), cancellationToken);

    /// <summary>Downloads the staged files under their paths into a local folder, which it creates, and verifies every hash.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.FileNotFound"/> when nothing is staged.</exception>
    public async Task<StagedDrop> DownloadAsync(OperationId operation, string localFolder, CancellationToken cancellationToken)
    {
        StagedDrop drop = await GetAsync(operation, cancellationToken);
        Directory.CreateDirectory(localFolder);
        foreach (VersionFile file in drop.Files)
        {
            await StoreCall.RunAsync($"staged file '{file.Path}'", async () =>
            {
                await using FileStream local = File.Create(Path.Combine(localFolder, file.Path));
                await _staging.GetBlobClient($"{drop.Folder}/{file.Path}").DownloadToAsync(local, cancellationToken);
                local.Position = 0;
                string sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(local, cancellationToken));
                if (sha256 != file.Sha256)
                {
                    throw new InvalidDataException($"'{file.Path}' of operation '{operation}' has SHA-256 {sha256}, not {file.Sha256}.");
                }
            });
        }

        return drop;
    }

    /// <summary>Stores a result about the staged drop for a later step of the operation.</summary>
    public Task WriteDocumentAsync<T>(OperationId operation, string name, T document, CancellationToken cancellationToken) =>
        StoreCall.RunAsync($"'{name}' of operation '{operation}'", () => _staging.GetBlobClient($"{operation}/{name}")
            .UploadAsync(BinaryData.FromObjectAsJson(document, StoredJson.Options), Json(null), cancellationToken));

    /// <summary>Returns the document that <see cref="WriteDocumentAsync"/> stored; null if there is none.</summary>
    public Task<T?> ReadDocumentAsync<T>(OperationId operation, string name, CancellationToken cancellationToken)
        where T : class =>
        ReadJsonAsync<T>(_staging.GetBlobClient($"{operation}/{name}"), cancellationToken);

    /// <summary>Deletes everything that the operation has staged, including leftovers of interrupted attempts.</summary>
    public Task DeleteAsync(OperationId operation, CancellationToken cancellationToken) =>
        StoreCall.RunAsync($"the staged files of '{operation}'", async () =>
        {
            // The record is deleted first, so that nobody finds a package with half of its files.
            await _staging.GetBlobClient(RecordName(operation)).DeleteIfExistsAsync(cancellationToken: cancellationToken);
            await DeleteExceptAsync(operation, keep: null, cancellationToken);
        });

    private static string ETagOf(BlobItemProperties properties) => Bare(properties.ETag!.Value.ToString());

    // Listings return an ETag without the quotes that it has in headers and events.
    private static string Bare(string etag) => etag.Trim('"');

    private List<string> Refuse(IReadOnlyList<DropFile> files, long maxFirstBytes)
    {
        var reasons = new List<string>();
        foreach (DropFile file in files)
        {
            long limit = file == files[0] ? maxFirstBytes : _options.MaxCompanionBytes;
            if (file.Bytes > limit)
            {
                reasons.Add($"'{file.Name}' has {file.Bytes} bytes; at most {limit} are accepted.");
            }

            if (!FileNames.IsSafe(file.Name))
            {
                reasons.Add($"'{file.Name}' is not a usable file name.");
            }
        }

        if (files.Count - 1 > _options.MaxCompanions)
        {
            reasons.Add($"{files.Count - 1} files are beside the model; at most {_options.MaxCompanions} are accepted.");
        }

        string[] names = [.. files.Select(file => file.Name)];
        foreach (string kind in (string[])["reference", "validation"])
        {
            if (names.Contains($"{kind}.csv") && names.Contains($"{kind}.parquet"))
            {
                reasons.Add($"'{kind}.csv' and '{kind}.parquet' are both beside the model; keep only one of them.");
            }
        }

        // A version must unpack on file systems that ignore case.
        reasons.AddRange(names.GroupBy(name => name, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1)
            .Select(group => $"The file names {string.Join(", ", group.Select(name => $"'{name}'"))} differ only in case."));
        return reasons;
    }

    // Companions are copied first and the model, if still unchanged, last: companions are uploaded first, so no file of a later drop is
    // taken for this one. Null if a file changed meanwhile.
    private async Task<Package?> TryCopyAsync(
        DropPath path, List<DropFile> files, string folder, CancellationToken cancellationToken)
    {
        var copied = new List<VersionFile>();
        foreach (DropFile file in files.Skip(1).Append(files[0]))
        {
            string name = file == files[0] ? ModelVersion.ModelFile : file.Name;
            CopiedBlob? copy = await BlobCopy.TryCopyAsync(
                _drop.GetBlobClient(path.Folder + file.Name), _staging.GetBlockBlobClient($"{folder}/{name}"),
                new BlobCopyOptions { Source = new ETag(file.ETag) }, cancellationToken);
            if (copy is null)
            {
                return null;
            }

            copied.Add(new VersionFile(name, copy.Bytes, copy.Sha256));
        }

        return new Package([copied[^1], .. copied[..^1]], null, []);
    }

    private async Task<StagedDrop> PublishAsync(
        OperationId operation, DropPath path, List<DropFile> dropped, string folder, Package package,
        CancellationToken cancellationToken)
    {
        var drop = new StagedDrop
        {
            Operation = operation,
            Folder = folder,
            DroppedAs = path.BlobName,
            ETag = dropped[0].ETag,
            Model = path.Model!.Value,
            Label = path.Label,
            Digest = StagedDrop.DigestOf(package.Files),
            Files = package.Files,
            Bundle = package.Bundle,
            DroppedAt = dropped[0].ModifiedAt,
            StagedAt = clock.GetUtcNow(),
            Taken = dropped.ToImmutableDictionary(file => file.Name, file => file.ETag),
        };

        try
        {
            await _staging.GetBlobClient(RecordName(operation)).UploadAsync(
                BinaryData.FromObjectAsJson(drop, StoredJson.Options), Json(
                    new BlobRequestConditions { IfNoneMatch = ETag.All }), cancellationToken);
        }
        catch (RequestFailedException exception) when (exception.Status is 409 or 412)
        {
            // Another run of this activity was faster, so its package counts.
            drop = await GetAsync(operation, cancellationToken);
        }

        await DeleteExceptAsync(operation, drop.Folder, cancellationToken);
        return drop;
    }

    private async Task<StagedDrop> GetAsync(OperationId operation, CancellationToken cancellationToken) =>
        await ReadAsync(operation, cancellationToken)
            ?? throw new ServiceException(ErrorCode.FileNotFound, $"Operation '{operation}' has nothing staged.");

    private async Task DeleteExceptAsync(OperationId operation, string? keep, CancellationToken cancellationToken)
    {
        string prefix = $"{operation}/";
        var options = new GetBlobsOptions { Prefix = prefix };
        await foreach (BlobItem blob in _staging.GetBlobsAsync(options, cancellationToken))
        {
            // A late run of the activity must not delete the documents that later steps have written.
            bool isDocument = !blob.Name[prefix.Length..].Contains('/');
            bool kept = keep is not null && (isDocument || blob.Name.StartsWith($"{keep}/", StringComparison.Ordinal));
            if (!kept)
            {
                await _staging.GetBlobClient(blob.Name).DeleteIfExistsAsync(cancellationToken: cancellationToken);
            }
        }
    }

    private static Task<T?> ReadJsonAsync<T>(BlobClient blob, CancellationToken cancellationToken)
        where T : class =>
        StoreCall.RunAsync($"'{blob.Name}'", async () =>
        {
            try
            {
                BlobDownloadResult result = await blob.DownloadContentAsync(cancellationToken);
                return result.Content.ToObjectFromJson<T>(StoredJson.Options);
            }
            catch (RequestFailedException exception) when (exception.Status == 404)
            {
                return null;
            }
        });

    private static BlobUploadOptions Json(BlobRequestConditions? conditions) =>
        new() { HttpHeaders = new BlobHttpHeaders { ContentType = "application/json" }, Conditions = conditions };

    private static string RecordName(OperationId operation) => $"{operation}/{ServiceFiles.Staged}";
}
