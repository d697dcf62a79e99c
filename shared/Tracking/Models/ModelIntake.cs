using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Modeldrop.Errors;
using Modeldrop.Lifecycle.Registration;
using Modeldrop.Manifests;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Storage;
using Modeldrop.Tracking.Artifacts;
using Modeldrop.Tracking.Runs;

namespace Modeldrop.Tracking.Models;

/// <summary>Copies files that MLflow's client uploaded to the place of a dropped model, so that there is one way to register.</summary>
public sealed class ModelIntake(StorageAccount account, ArtifactService artifacts)
{
    private const int BlockBytes = 4 << 20;

    private static readonly StorageTransferOptions InBlocks = new()
    {
        InitialTransferSize = BlockBytes, MaximumTransferSize = BlockBytes, MaximumConcurrency = 1,
    };

    private readonly BlobContainerClient _drop = account.Container(BlobContainers.Drop);

    /// <summary>Checks the files without copying them.</summary>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.InvalidRequest"/> when the files are not an ONNX model; otherwise as <see cref="ArtifactService.ListAsync"/>.
    /// </exception>
    public async Task<IntakePlan> PlanAsync(VersionSource source, TrackingUser by, CancellationToken cancellationToken)
    {
        IReadOnlyList<ArtifactFile> all = await artifacts.ListAsync(source.Folder, by, cancellationToken);
        ArtifactFile[] files = [.. all.Where(file => !file.IsFolder)
            .Where(file => file.Name is ModelVersion.ModelFile || FileNames.IsCompanion(file.Name))];
        if (!files.Any(file => file.Name == MlModelText.FileName))
        {
            throw new ServiceException(ErrorCode.InvalidRequest,
                $"There is no file MLmodel in '{source.Folder.Uri}', so MLflow has not logged a model there.");
        }

        byte[] yaml = await ReadAsync(source.Folder.At(MlModelText.FileName), by, cancellationToken);
        MlModel? model = MlModelReader.Read(yaml, out string? violation);
        violation ??= files.Any(file => file.Name == ModelVersion.ModelFile)
            ? null : $"'{ModelVersion.ModelFile}' is not in '{source.Folder.Uri}'; the upload is not complete.";
        if (violation is not null)
        {
            throw new ServiceException(ErrorCode.InvalidRequest, violation);
        }

        string stamps = string.Concat(files.Select(file => $"{file.Name}\n{file.Stamp}\n"));
        string print = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(stamps)));
        return new IntakePlan([.. files.Where(file => !file.IsGenerated)], $"{source.Folder.FullPath}\n{print}", model!.RunId);
    }

    /// <summary>
    /// Copies the files to <c>drop/&lt;model&gt;/mlflow-…/</c>, the model last. Files of a version stay as they are, so that a copy within
    /// its model is the same version; to others, the manifest and <see cref="RunSummary"/> of the run are added.
    /// </summary>
    /// <exception cref="ServiceException">As <see cref="ArtifactService.OpenAsync"/>.</exception>
    public async Task<RegisterInput> StoreAsync(
        ModelName model, VersionSource source, IntakePlan plan, TrackingUser by, CancellationToken cancellationToken)
    {
        string folder = $"{model}/mlflow-{source.Logged?.Id ?? source.Run?.Id ?? "copy"}-{Guid.NewGuid().ToString("N")[..8]}";
        foreach (ArtifactFile file in plan.Files.Where(
            file => file.Name is not (ModelVersion.ModelFile or ManifestReader.FileName or RunSummary.FileName)))
        {
            await CopyAsync(source.Folder.At(file.Name), $"{folder}/{file.Name}", by, cancellationToken);
        }

        bool isCopy = source.Folder.Version is not null;
        bool hasManifest = plan.Files.Any(file => file.Name == ManifestReader.FileName);
        byte[]? manifest = hasManifest ? await ReadAsync(source.Folder.At(ManifestReader.FileName), by, cancellationToken) : null;
        if (ManifestWith(manifest, isCopy ? null : source.Run?.Id ?? plan.RunId) is { } written)
        {
            await UploadAsync($"{folder}/{ManifestReader.FileName}", new MemoryStream(written), cancellationToken);
        }

        if (!isCopy && RunSummary.Of(source.Run, source.Logged) is { } summary)
        {
            byte[] json = JsonSerializer.SerializeToUtf8Bytes(summary, StoredJson.Readable);
            await UploadAsync($"{folder}/{RunSummary.FileName}", new MemoryStream(json), cancellationToken);
        }
        else if (plan.Files.Any(file => file.Name == RunSummary.FileName))
        {
            await CopyAsync(source.Folder.At(RunSummary.FileName), $"{folder}/{RunSummary.FileName}", by, cancellationToken);
        }

        string path = $"{folder}/{ModelVersion.ModelFile}";
        Response<BlobContentInfo> stored = await CopyAsync(source.Folder.At(ModelVersion.ModelFile), path, by, cancellationToken);
        return new RegisterInput(path, stored.Value.ETag.ToString(), by.Who, IsUpload: true);
    }

    /// <summary>The manifest with the run that the version comes from. Unchanged if it already names a run or cannot be read.</summary>
    private static byte[]? ManifestWith(byte[]? manifest, string? run)
    {
        if (run is null)
        {
            return manifest;
        }

        try
        {
            JsonNode? root = manifest is null ? new JsonObject() : JsonNode.Parse(manifest);
            if (root is not JsonObject members || (members["source"] is { } source && (source as JsonObject)?.ContainsKey("run") != false))
            {
                return manifest;
            }

            members["source"] ??= new JsonObject();
            members["source"]!["run"] = run;
            return JsonSerializer.SerializeToUtf8Bytes(members, StoredJson.Readable);
        }
        catch (JsonException)
        {
            // The registration refuses it and reports the position.
            return manifest;
        }
    }

    private async Task<byte[]> ReadAsync(ArtifactPath path, TrackingUser by, CancellationToken cancellationToken)
    {
        await using Stream content = new BoundedStream(await artifacts.OpenAsync(path, by, cancellationToken), MlModelReader.MaxBytes);
        using var bytes = new MemoryStream();
        await content.CopyToAsync(bytes, cancellationToken);
        return bytes.ToArray();
    }

    private async Task<Response<BlobContentInfo>> CopyAsync(
        ArtifactPath from, string to, TrackingUser by, CancellationToken cancellationToken)
    {
        await using Stream content = await artifacts.OpenAsync(from, by, cancellationToken);
        return await UploadAsync(to, content, cancellationToken);
    }

    private Task<Response<BlobContentInfo>> UploadAsync(string path, Stream content, CancellationToken cancellationToken) =>
        StoreCall.RunAsync($"the drop '{path}'", () => _drop.GetBlobClient(path).UploadAsync(
            content, new BlobUploadOptions { TransferOptions = InBlocks }, cancellationToken));
}

/// <summary>The files to register.</summary>
/// <param name="Content">Identifies the content: the same for the same files of the same folder.</param>
/// <param name="RunId">The run in <c>MLmodel</c>.</param>
public sealed record IntakePlan(IReadOnlyList<ArtifactFile> Files, string Content, string? RunId);
