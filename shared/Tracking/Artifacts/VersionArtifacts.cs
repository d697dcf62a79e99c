using System.Text;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Tracking.Artifacts;

/// <summary>
/// The files of registered versions as MLflow's client loads them. A dropped version has no <c>MLmodel</c>: one is generated.
/// </summary>
public sealed class VersionArtifacts(RegistryService registry, VersionStore versions)
{
    /// <summary>The direct children of a folder of the version; empty for a file.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.ModelNotFound"/>, <see cref="ErrorCode.VersionNotFound"/>.</exception>
    public async Task<IReadOnlyList<ArtifactFile>> ListAsync(ArtifactPath folder, CancellationToken cancellationToken)
    {
        ModelVersion record = await GetAsync(folder.Version!.Value, cancellationToken);
        string prefix = folder.Inside.Length == 0 ? "" : $"{folder.Inside}/";
        IEnumerable<(string Path, long Bytes, string Stamp)> files = record.Files.Select(file => (file.Path, file.Bytes, file.Sha256));
        bool generates = record.FindFile(MlModelText.FileName) is null;
        if (generates)
        {
            files = files.Append((MlModelText.FileName, Encoding.UTF8.GetByteCount(MlModelText.Of(record)), record.Digest));
        }

        return
        [
            .. files.Where(file => file.Path.StartsWith(prefix, StringComparison.Ordinal))
                .Select(file => (Name: file.Path[prefix.Length..].Split('/'), file.Bytes, file.Stamp))
                .GroupBy(file => file.Name[0], StringComparer.Ordinal)
                .OrderBy(same => same.Key, StringComparer.Ordinal)
                .Select(same => same.First() is { Name.Length: 1 } file
                    ? new ArtifactFile(
                        same.Key, file.Bytes, file.Stamp, generates && folder.Inside.Length == 0 && same.Key == MlModelText.FileName)
                    : new ArtifactFile(same.Key, null)),
        ];
    }

    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.ModelNotFound"/>, <see cref="ErrorCode.VersionNotFound"/>, <see cref="ErrorCode.FileNotFound"/>.
    /// </exception>
    public async Task<Stream> OpenAsync(ArtifactPath path, CancellationToken cancellationToken)
    {
        ModelVersion record = await GetAsync(path.Version!.Value, cancellationToken);
        return record.FindFile(path.Inside) is { } file
            ? await versions.ReadAsync(record.Name, file.StoredAt ?? file.Path, cancellationToken)
            : path.Inside == MlModelText.FileName
            ? new MemoryStream(Encoding.UTF8.GetBytes(MlModelText.Of(record)))
            : throw new ServiceException(ErrorCode.FileNotFound, $"{record.Name} has no file '{path.Inside}'.");
    }

    private async Task<ModelVersion> GetAsync(VersionName version, CancellationToken cancellationToken)
    {
        ModelHead head = await registry.GetAsync(version.Model, cancellationToken);
        return head.FindVersion(version.Number) is { Status: not VersionStatus.Deleted } entry
            ? await versions.GetAsync(version.Model, entry, cancellationToken)
            : throw new ServiceException(ErrorCode.VersionNotFound, $"Model '{version.Model}' has no version {version.Number}.");
    }
}
