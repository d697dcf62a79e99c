using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Modeldrop.Errors;
using Modeldrop.Registry;

namespace Modeldrop.Scoring;

/// <summary>Local copies of the files that a session needs: <c>&lt;folder&gt;/&lt;digest of the version&gt;/&lt;path&gt;</c>.</summary>
/// <remarks>
/// A file appears under its name only when it is whole and has its hash, by a move; so processes may share the folder, and a kill leaves
/// at most a file with another name. Every use verifies the hash: what has been damaged since is fetched again.
/// </remarks>
internal sealed partial class ModelFileCache(string folder, ILogger logger)
{
    // What a drop brings beside the model; all the rest may be external data that the model refers to.
    private static readonly HashSet<string> Companions = new(StringComparer.OrdinalIgnoreCase)
    {
        "model.json", "reference.csv", "reference.parquet", "validation.csv", "validation.parquet", "examples.json", "card.md",
    };

    /// <summary>The files of a version that a session needs.</summary>
    public static IEnumerable<VersionFile> NeededFiles(ModelVersion version) => version.Files.Where(file => file.StoredAt is null && !Companions.Contains(file.Path));

    /// <summary>Fetches what is missing or damaged.</summary>
    /// <param name="openAsync">Opens a file of the version in the store.</param>
    /// <returns>Path of the model file; external data lie beside it.</returns>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.ModelLoadFailed"/> when the store's file is not what the version's record says, or the disk does not take it.
    /// </exception>
    public async Task<string> GetModelAsync(
        ModelVersion version, Func<string, CancellationToken, Task<Stream>> openAsync, CancellationToken cancellationToken)
    {
        string versionFolder = Path.GetFullPath(Path.Combine(folder, version.Digest));
        try
        {
            foreach (VersionFile file in NeededFiles(version))
            {
                string path = Path.GetFullPath(Path.Combine(versionFolder, file.Path));
                if (!path.StartsWith(versionFolder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
                {
                    throw new ServiceException(ErrorCode.ModelLoadFailed, $"The file '{file.Path}' points out of its version.");
                }

                if (!await IsIntactAsync(path, file, cancellationToken))
                {
                    await FetchAsync(path, file, openAsync, cancellationToken);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ServiceException(ErrorCode.ModelLoadFailed, "The model cannot be written to the local disk.", exception);
        }

        return Path.Combine(versionFolder, ModelVersion.ModelFile);
    }

    private async Task<bool> IsIntactAsync(string path, VersionFile file, CancellationToken cancellationToken)
    {
        var info = new FileInfo(path);
        if (!info.Exists)
        {
            return false;
        }

        if (info.Length == file.Bytes)
        {
            await using FileStream stream = File.OpenRead(path);
            if (IsHash(await SHA256.HashDataAsync(stream, cancellationToken), file))
            {
                return true;
            }
        }

        Log.Damaged(logger, path);
        return false;
    }

    private static async Task FetchAsync(
        string path, VersionFile file, Func<string, CancellationToken, Task<Stream>> openAsync, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            byte[] hash;
            await using (Stream source = await openAsync(file.Path, cancellationToken))
            await using (FileStream target = File.Create(temporary))
            {
                hash = await CopyAsync(source, target, cancellationToken);
            }

            if (!IsHash(hash, file))
            {
                throw new ServiceException(ErrorCode.ModelLoadFailed, $"The stored file '{file.Path}' does not have the hash of its version's record.");
            }

            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static async Task<byte[]> CopyAsync(Stream source, Stream target, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(1 << 17);
        try
        {
            int read;
            while ((read = await source.ReadAsync(buffer, cancellationToken)) > 0)
            {
                hash.AppendData(buffer, 0, read);
                await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }

            return hash.GetHashAndReset();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static bool IsHash(byte[] hash, VersionFile file) => string.Equals(Convert.ToHexString(hash), file.Sha256, StringComparison.OrdinalIgnoreCase);

    private static partial class Log
    {
        [LoggerMessage(3001, LogLevel.Warning, "{Path} in the model cache is damaged and is fetched again")]
        public static partial void Damaged(ILogger logger, string path);
    }
}
