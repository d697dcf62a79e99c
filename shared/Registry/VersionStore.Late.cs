using System.Collections.Concurrent;
using System.Text.Json;
using Azure;
using Azure.Storage.Blobs.Specialized;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Storage;

namespace Modeldrop.Registry;

/// <remarks>
/// Companions that come late lie beside the version under their hash, and <c>late.json</c> names the present ones: what the version was
/// registered with stays as it was.
/// </remarks>
public sealed partial class VersionStore
{
    private readonly ConcurrentDictionary<VersionName, (int Late, ModelVersion Record)> _completed = new();

    /// <summary>The version as it is now, with the companions that came late; null if it does not exist. One small read.</summary>
    /// <remarks>Ask for versions that the model's head has: before that, another operation may still take the number.</remarks>
    public async Task<ModelVersion?> FindAsync(ModelName model, int version, CancellationToken cancellationToken) =>
        await FindRecordAsync(model, version, cancellationToken) is not { } record ? null
        : await FindLateAsync(model, version, cancellationToken) is { } late ? record.With(late.Drop)
        : record;

    /// <summary>The version as it is now.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.VersionNotFound"/>.</exception>
    public async Task<ModelVersion> GetAsync(ModelName model, int version, CancellationToken cancellationToken) =>
        await FindAsync(model, version, cancellationToken) ?? throw NoVersion(model, version);

    /// <summary>The version as it was registered, without companions that came late. Reads nothing that has been read before.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.VersionNotFound"/>.</exception>
    public async Task<ModelVersion> GetRegisteredAsync(ModelName model, int version, CancellationToken cancellationToken) =>
        await FindRecordAsync(model, version, cancellationToken) ?? throw NoVersion(model, version);

    /// <summary>The version as the model's head knows it. Reads nothing that has been read before.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.VersionNotFound"/>.</exception>
    public async Task<ModelVersion> GetAsync(ModelName model, VersionEntry entry, CancellationToken cancellationToken)
    {
        if (entry.Late == 0)
        {
            return await GetRegisteredAsync(model, entry.Version, cancellationToken);
        }

        var key = new VersionName(model, entry.Version);
        if (_completed.TryGetValue(key, out (int Late, ModelVersion Record) known) && known.Late == entry.Late)
        {
            return known.Record;
        }

        ModelVersion record = await GetAsync(model, entry.Version, cancellationToken);
        if (_completed.Count >= MaxCachedRecords)
        {
            _completed.Clear();
        }

        _completed[key] = (entry.Late, record);
        return record;
    }

    /// <summary>Adds companions that came late to the version. Safe to repeat by the same operation.</summary>
    /// <param name="drop">The folder of the drop as it was staged now.</param>
    /// <param name="changed">Which of its files are new or other ones.</param>
    /// <exception cref="ServiceException"><see cref="ErrorCode.RegistryConflict"/> when another operation adds files at the same
    /// moment.</exception>
    internal async Task AddLateAsync(
        ModelName model, int version, StagedDrop drop, IReadOnlyList<string> changed, LateDrop late, CancellationToken cancellationToken)
    {
        (LateDrop Drop, ETag Tag)? before = await FindLateAsync(model, version, cancellationToken);
        if (before?.Drop.Operation == late.Operation)
        {
            return;
        }

        VersionFile[] added = [.. drop.Files.Where(file => changed.Contains(file.Path))
            .Select(file => file with { StoredAt = LatePath(file) })];
        foreach (VersionFile file in added)
        {
            await StoreCall.RunAsync(Name(model, version, file.Path), () => BlobCopy.TryCopyAsync(
                _staging.GetBlobClient($"{drop.Folder}/{file.Path}"), null,
                _models.GetBlockBlobClient($"{model}/{version}/{file.StoredAt}"),
                null, new Dictionary<string, string> { [OperationKey] = late.Operation }, file.Sha256, cancellationToken));
        }

        IEnumerable<VersionFile> kept = before?.Drop.Files.Where(file => !changed.Contains(file.Path)) ?? [];
        LateDrop all = late with { Files = [.. kept.Concat(added).OrderBy(file => file.Path, StringComparer.Ordinal)] };
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(all with { Dataset = late.Dataset ?? before?.Drop.Dataset }, StoredJson.Options);
        if (!await TryWriteDocumentAsync(model, version, ServiceFiles.Late, json, before?.Tag, cancellationToken))
        {
            throw new ServiceException(
                ErrorCode.RegistryConflict, $"Another operation adds files to version {version} of '{model}' at the same moment; repeat.");
        }
    }

    private async Task<(LateDrop Drop, ETag Tag)?> FindLateAsync(ModelName model, int version, CancellationToken cancellationToken) =>
        await FindTaggedDocumentAsync(model, version, ServiceFiles.Late, cancellationToken) is { } document
            ? (JsonSerializer.Deserialize<LateDrop>(document.Content, StoredJson.Options)!, document.Tag)
            : null;

    /// <summary>Where a late file lies below the version's folder: under its own hash, so that nothing ever lies there but it.</summary>
    internal static string LatePath(VersionFile file) => $"late/{file.Sha256}/{file.Path}";

    private static ServiceException NoVersion(ModelName model, int version) =>
        new(ErrorCode.VersionNotFound, $"Model '{model}' has no version {version}.");
}
