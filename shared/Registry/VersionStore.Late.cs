using System.Collections.Concurrent;
using System.Text.Json;
using Azure;
using Azure.Storage.Blobs.Specialized;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Storage;

namespace Modeldrop.Registry;

/// <remarks>
/// Companions that came late are stored beside the version under their hash, and <c>late.json</c> names the present ones: the files that
/// were registered stay unchanged.
/// </remarks>
public sealed partial class VersionStore
{
    private readonly ConcurrentDictionary<VersionName, (int Late, ModelVersion Record)> _completed = new();

    /// <summary>Returns the present version, with the companions that came late; null if it does not exist. One small read.</summary>
    /// <remarks>Call it only for versions in the model's head: before that, another operation may still take the number.</remarks>
    public async Task<ModelVersion?> FindAsync(VersionName version, CancellationToken cancellationToken) =>
        await FindRecordAsync(version, cancellationToken) is not { } record ? null
        : await FindLateAsync(version, cancellationToken) is { } late ? record.With(late.Drop)
        : record;

    /// <summary>Returns the present version, with the companions that came late.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.VersionNotFound"/>.</exception>
    public async Task<ModelVersion> GetAsync(VersionName version, CancellationToken cancellationToken) =>
        await FindAsync(version, cancellationToken) ?? throw NoVersion(version);

    /// <summary>Returns the version as it was registered, without companions that came late. A cached record is not read again.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.VersionNotFound"/>.</exception>
    public async Task<ModelVersion> GetRegisteredAsync(VersionName version, CancellationToken cancellationToken) =>
        await FindRecordAsync(version, cancellationToken) ?? throw NoVersion(version);

    /// <summary>Returns the version in the state of the model's head. A cached record is not read again.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.VersionNotFound"/>.</exception>
    public async Task<ModelVersion> GetAsync(ModelName model, VersionEntry entry, CancellationToken cancellationToken)
    {
        if (entry.Late == 0)
        {
            return await GetRegisteredAsync(new VersionName(model, entry.Number), cancellationToken);
        }

        var key = new VersionName(model, entry.Number);
        if (_completed.TryGetValue(key, out (int Late, ModelVersion Record) known) && known.Late == entry.Late)
        {
            return known.Record;
        }

        ModelVersion record = await GetAsync(new VersionName(model, entry.Number), cancellationToken);
        if (_completed.Count >= MaxCachedRecords)
        {
            _completed.Clear();
        }

        _completed[key] = (entry.Late, record);
        return record;
    }

    /// <summary>Adds companions that came late to the version. The same operation may repeat it.</summary>
    /// <param name="drop">The folder of the drop as it is staged now.</param>
    /// <param name="changed">Its files that are new or have changed.</param>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.RegistryConflict"/> when another operation adds files at the same time.
    /// </exception>
    internal async Task AddLateAsync(
        VersionName version, StagedDrop drop, IReadOnlyList<string> changed, LateDrop late, CancellationToken cancellationToken)
    {
        (LateDrop Drop, ETag Tag)? before = await FindLateAsync(version, cancellationToken);
        if (before?.Drop.Operation == late.Operation)
        {
            return;
        }

        VersionFile[] added = [.. drop.Files.Where(file => changed.Contains(file.Path))
            .Select(file => file with { StoredAt = LatePath(file) })];
        foreach (VersionFile file in added)
        {
            var options = new BlobCopyOptions
            {
                Sha256 = file.Sha256,
                Metadata = new Dictionary<string, string> { [OperationKey] = late.Operation.ToString() },
            };
            await StoreCall.RunAsync(Name(version, file.Path), () => BlobCopy.TryCopyAsync(
                _staging.GetBlobClient($"{drop.Folder}/{file.Path}"),
                _models.GetBlockBlobClient($"{version.Model}/{version.Number}/{file.StoredAt}"),
                options, cancellationToken));
        }

        IEnumerable<VersionFile> kept = before?.Drop.Files.Where(file => !changed.Contains(file.Path)) ?? [];
        LateDrop all = late with
        {
            Files = [.. kept.Concat(added).OrderBy(file => file.Path, StringComparer.Ordinal)],
            Dataset = late.Dataset ?? before?.Drop.Dataset,
            Signatures = late.Signatures ?? before?.Drop.Signatures,
        };
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(all, StoredJson.Options);
        if (!await TryWriteDocumentAsync(version, ServiceFiles.Late, json, before?.Tag, cancellationToken))
        {
            throw new ServiceException(
                ErrorCode.RegistryConflict,
                $"Another operation added files to version {version.Number} of '{version.Model}' at the same time; try again.");
        }
    }

    private async Task<(LateDrop Drop, ETag Tag)?> FindLateAsync(VersionName version, CancellationToken cancellationToken) =>
        await FindTaggedDocumentAsync(version, ServiceFiles.Late, cancellationToken) is { } document
            ? (JsonSerializer.Deserialize<LateDrop>(document.Content, StoredJson.Options)!, document.Tag)
            : null;

    /// <summary>
    /// Path of a late file below the version's folder. It contains the file's hash, so that the content at this path never changes.
    /// </summary>
    internal static string LatePath(VersionFile file) => $"late/{file.Sha256}/{file.Path}";

    private static ServiceException NoVersion(VersionName version) =>
        new(ErrorCode.VersionNotFound, $"Model '{version.Model}' has no version {version.Number}.");
}
