using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Modeldrop.Errors;
using Modeldrop.Registry;

namespace Modeldrop.Scoring.Cache;

/// <summary>Local copies of the files that a session needs: <c>&lt;folder&gt;/&lt;digest of the version&gt;/&lt;path&gt;</c>.</summary>
/// <remarks>
/// A file gets its name, by a move, only when it is complete and its hash is correct. So processes may share the folder, and a kill leaves
/// at most a file with another name. A session is loaded from its own copies, whose hashes are verified: damaged files in the cache are
/// downloaded again, and later damage does not matter. ONNX Runtime maps external data into memory as long as a session lives, and
/// truncating a mapped file would crash the process.
/// </remarks>
internal sealed partial class ModelFileCache(string folder, TimeProvider clock, ILogger logger)
{
    private const string CopyPrefix = "copy-";

    /// <summary>A load takes at most minutes; an older copy was left by a killed process.</summary>
    private static readonly TimeSpan CopyAge = TimeSpan.FromHours(1);

    // Files that a drop has besides the model; all others may be external data that the model refers to.
    private static readonly HashSet<string> Companions = new(StringComparer.OrdinalIgnoreCase)
    {
        "model.json", "reference.csv", "reference.parquet", "validation.csv", "validation.parquet", "examples.json", "card.md",
    };

    /// <summary>The files of a version that a session needs.</summary>
    public static IEnumerable<VersionFile> NeededFiles(ModelVersion version) =>
        version.Files.Where(file => file.StoredAt is null && !Companions.Contains(file.Path));

    /// <summary>Copies the files of a version to a private place for this load; downloads missing or damaged ones.</summary>
    /// <param name="openAsync">Opens a file of the version in the store.</param>
    /// <returns>Dispose it when the session is loaded, which deletes the copies; mapped files stay available.</returns>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.ModelLoadFailed"/> when the stored file does not match the version's record, or cannot be written to the disk.
    /// </exception>
    public async Task<ModelCopy> CopyModelAsync(
        ModelVersion version, Func<string, CancellationToken, Task<Stream>> openAsync, CancellationToken cancellationToken)
    {
        string versionFolder = Path.GetFullPath(Path.Combine(folder, version.Digest));
        var copy = new ModelCopy(Path.GetFullPath(Path.Combine(folder, $"{CopyPrefix}{Guid.NewGuid():N}")));
        try
        {
            DeleteOldCopies();
            copy.Create();
            foreach (VersionFile file in NeededFiles(version))
            {
                string path = Path.GetFullPath(Path.Combine(versionFolder, file.Path));
                if (!path.StartsWith(versionFolder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
                {
                    throw new ServiceException(ErrorCode.ModelLoadFailed, $"The file '{file.Path}' points outside its version.");
                }

                string target = Path.Combine(copy.Folder, file.Path);
                if (!await TryCopyAsync(path, target, file, cancellationToken))
                {
                    await FetchAsync(path, file, openAsync, cancellationToken);
                    if (!await TryCopyAsync(path, target, file, cancellationToken))
                    {
                        throw new ServiceException(
                            ErrorCode.ModelLoadFailed, $"The file '{file.Path}' changed in the model cache while it was read.");
                    }
                }
            }

            return copy;
        }
        catch (Exception exception)
        {
            copy.Dispose();
            throw exception is IOException or UnauthorizedAccessException
                ? new ServiceException(ErrorCode.ModelLoadFailed, "The model cannot be written to the local disk.", exception)
                : exception;
        }
    }

    private async Task<bool> TryCopyAsync(string path, string target, VersionFile file, CancellationToken cancellationToken)
    {
        var info = new FileInfo(path);
        if (!info.Exists)
        {
            return false;
        }

        if (info.Length == file.Bytes)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(path, target, overwrite: true);
            await using FileStream stream = File.OpenRead(target);
            if (IsHash(await SHA256.HashDataAsync(stream, cancellationToken), file))
            {
                return true;
            }
        }

        Log.Damaged(logger, path);
        return false;
    }

    private void DeleteOldCopies()
    {
        DateTime oldest = (clock.GetUtcNow() - CopyAge).UtcDateTime;
        foreach (DirectoryInfo left in new DirectoryInfo(folder) is { Exists: true } cache ? cache.EnumerateDirectories($"{CopyPrefix}*")
            : [])
        {
            if (left.LastWriteTimeUtc < oldest)
            {
                new ModelCopy(left.FullName).Dispose();
            }
        }
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
                throw new ServiceException(
                    ErrorCode.ModelLoadFailed, $"The stored file '{file.Path}' does not have the hash of its version's record.");
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

    private static bool IsHash(byte[] hash, VersionFile file) =>
        string.Equals(Convert.ToHexString(hash), file.Sha256, StringComparison.OrdinalIgnoreCase);

    private static partial class Log
    {
        [LoggerMessage(3001, LogLevel.Warning, "{Path} in the model cache is damaged and is fetched again")]
        public static partial void Damaged(ILogger logger, string path);
    }
}
