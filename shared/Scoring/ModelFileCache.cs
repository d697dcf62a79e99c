using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Modeldrop.Errors;
using Modeldrop.Registry;

namespace Modeldrop.Scoring;

/// <summary>Model files on the local disk, by their content. Survives restarts; processes may share it.</summary>
public sealed class ModelFileCache(VersionStore versions, IOptions<ScoringOptions> options)
{
    private readonly string _root = options.Value.CachePath is { Length: > 0 } path ? path : Path.Combine(Path.GetTempPath(), "modeldrop-models");

    /// <summary>The path of the version's model file, its external data beside it; downloaded and verified if it is not here yet.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.VersionNotFound"/>; <see cref="ErrorCode.ModelLoadFailed"/> when the stored bytes are not those that were registered.</exception>
    public async Task<string> GetAsync(ModelName model, int version, CancellationToken cancellationToken)
    {
        ModelVersion record = await versions.GetAsync(model, version, cancellationToken);
        string folder = Path.Combine(_root, record.Digest);
        string modelFile = Path.Combine(folder, ModelVersion.ModelFile);
        if (await IsCompleteAsync(folder, record, cancellationToken))
        {
            return modelFile;
        }

        string temporary = $"{folder}.{Guid.NewGuid():N}";
        Directory.CreateDirectory(temporary);
        try
        {
            foreach (VersionFile file in ModelFiles(record))
            {
                await DownloadAsync(model, version, file, temporary, cancellationToken);
            }

            Publish(temporary, folder);
        }
        finally
        {
            if (Directory.Exists(temporary))
            {
                Directory.Delete(temporary, recursive: true);
            }
        }

        return modelFile;
    }

    /// <summary>What ONNX Runtime may open: the model and files beside it that are not for people or for validation.</summary>
    private static IEnumerable<VersionFile> ModelFiles(ModelVersion record) => record.Files.Where(file =>
        Path.GetExtension(file.Path).ToLowerInvariant() is not (".csv" or ".parquet" or ".json" or ".md"));

    private static async Task<bool> IsCompleteAsync(string folder, ModelVersion record, CancellationToken cancellationToken)
    {
        foreach (VersionFile file in ModelFiles(record))
        {
            string path = Path.Combine(folder, file.Path);
            if (!File.Exists(path) || await HashAsync(path, cancellationToken) != file.Sha256)
            {
                return false;
            }
        }

        return true;
    }

    private async Task DownloadAsync(ModelName model, int version, VersionFile file, string folder, CancellationToken cancellationToken)
    {
        string path = Path.Combine(folder, file.Path);
        await using (Stream source = await versions.OpenAsync(model, version, file.Path, cancellationToken))
        await using (FileStream target = File.Create(path))
        {
            await source.CopyToAsync(target, cancellationToken);
        }

        string sha256 = await HashAsync(path, cancellationToken);
        if (sha256 != file.Sha256)
        {
            throw new ServiceException(ErrorCode.ModelLoadFailed, $"'{file.Path}' of version {version} of '{model}' has SHA-256 {sha256}; {file.Sha256} was registered.");
        }
    }

    // Another process may have been faster, or the folder may hold a broken copy.
    private static void Publish(string temporary, string folder)
    {
        if (Directory.Exists(folder))
        {
            foreach (string file in Directory.GetFiles(temporary))
            {
                File.Move(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
            }

            return;
        }

        try
        {
            Directory.Move(temporary, folder);
        }
        catch (IOException) when (Directory.Exists(folder))
        {
            // It came into being between the look and the move, with the same content.
        }
    }

    private static async Task<string> HashAsync(string path, CancellationToken cancellationToken)
    {
        await using FileStream file = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken));
    }
}
