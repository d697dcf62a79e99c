using System.Security.Cryptography;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Storage;

namespace Modeldrop.Scoring.Cache;

/// <summary>Downloads files of a version to a local folder, for a child process to read.</summary>
public sealed class VersionDownload(VersionStore versions)
{
    /// <summary>Downloads the model, its external data, and those of <paramref name="companions"/> that the version has.</summary>
    /// <param name="folder">Must exist; the caller deletes it.</param>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.VersionNotFound"/>; <see cref="ErrorCode.FileNotFound"/>; <see cref="ErrorCode.StoreUnavailable"/>;
    /// <see cref="ErrorCode.ModelLoadFailed"/> when a stored file does not match the version's record.
    /// </exception>
    public async Task<ModelVersion> ToFolderAsync(
        VersionName version, string folder, IReadOnlyList<string> companions, CancellationToken cancellationToken)
    {
        ModelVersion record = await versions.GetAsync(version, cancellationToken);
        foreach (VersionFile file in ModelFileCache.NeededFiles(record).Concat(record.Files.Where(file => companions.Contains(file.Path))))
        {
            await StoreCall.RunAsync(
                $"'{file.Path}' of version {version.Number} of '{version.Model}'", () => FetchAsync(
                    version, file, folder, cancellationToken));
        }

        return record;
    }

    private async Task FetchAsync(VersionName version, VersionFile file, string folder, CancellationToken cancellationToken)
    {
        await using Stream source = await versions.ReadAsync(version, file.StoredAt ?? file.Path, cancellationToken);
        string path = Path.Combine(folder, file.Path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await using FileStream local = File.Create(path);
        await source.CopyToAsync(local, cancellationToken);
        local.Position = 0;
        string sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(local, cancellationToken));
        if (sha256 != file.Sha256)
        {
            throw new ServiceException(
                ErrorCode.ModelLoadFailed,
                $"'{file.Path}' of version {version.Number} of '{version.Model}' is damaged in the store: its SHA-256 is {sha256}, "
                    + $"but {file.Sha256} in the version's record.");
        }
    }
}
