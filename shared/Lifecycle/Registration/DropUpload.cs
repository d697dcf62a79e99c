using System.Globalization;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Storage;

namespace Modeldrop.Lifecycle.Registration;

/// <summary>Stores a model uploaded by HTTP in the drop container, so that there is one way to register.</summary>
public sealed class DropUpload(StorageAccount account, RegistryService registry, TimeProvider clock)
{
    private const int BlockBytes = 4 << 20;

    /// <summary>One block after the other: each has the store's full timeout, and memory holds one block of the request's body.</summary>
    private static readonly StorageTransferOptions InBlocks = new() { InitialTransferSize = BlockBytes, MaximumTransferSize = BlockBytes,
        MaximumConcurrency = 1 };

    private readonly BlobContainerClient _drop = account.Container(BlobContainers.Drop);

    /// <summary>
    /// Stores the request's body (the <c>.onnx</c>, or a form with it and its companions) under <c>drop/&lt;model&gt;/upload-…/</c>.
    /// </summary>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.InvalidRequest"/> if there is not exactly one <c>.onnx</c>, or if the model's name differs from an existing one
    /// only in case; <see cref="ErrorCode.VersionNotReady"/> when the model is archived.
    /// </exception>
    public async Task<RegisterInput> StoreAsync(ModelName model, HttpRequest request, Identity actor, CancellationToken cancellationToken)
    {
        if (await registry.FindAsync(model, cancellationToken) is { } known)
        {
            known.CheckNotArchived();
        }
        else
        {
            await registry.CheckNameAsync(model, cancellationToken);
        }

        string time = clock.GetUtcNow().UtcDateTime.ToString("yyyyMMddTHHmmss", CultureInfo.InvariantCulture);
        string folder = $"{model}/upload-{time}-{Guid.NewGuid().ToString("N")[..8]}";
        return await StoreCall.RunAsync($"the upload to '{folder}'", () => IsForm(request)
            ? StoreFormAsync(folder, request, actor, cancellationToken)
            : StoreModelAsync($"{folder}/{ModelVersion.ModelFile}", request.Body, actor, cancellationToken));
    }

    /// <summary>
    /// Whether the request is a form with files. <c>curl --data-binary</c> sends a model as a URL-encoded form unless told otherwise.
    /// </summary>
    private static bool IsForm(HttpRequest request) =>
        request.ContentType?.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase) == true;

    private async Task<RegisterInput> StoreFormAsync(
        string folder, HttpRequest request, Identity actor, CancellationToken cancellationToken)
    {
        IFormCollection form = await ReadFormAsync(request, cancellationToken);
        List<string> violations = Check(form.Files);
        if (violations.Count > 0)
        {
            throw new ServiceException(ErrorCode.InvalidRequest, violations);
        }

        IFormFile file = form.Files.Single(file => FileNames.IsModel(file.FileName));

        // The model is written last: its arrival starts the registration.
        foreach (IFormFile companion in form.Files.Where(companion => companion != file))
        {
            await using Stream content = companion.OpenReadStream();
            await UploadAsync($"{folder}/{companion.FileName}", content, cancellationToken);
        }

        await using Stream model = file.OpenReadStream();
        return await StoreModelAsync($"{folder}/{ModelVersion.ModelFile}", model, actor, cancellationToken);
    }

    private static async Task<IFormCollection> ReadFormAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await request.ReadFormAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException and not BadHttpRequestException)
        {
            throw new ServiceException(ErrorCode.InvalidRequest, $"The form cannot be read: {exception.Message}", exception);
        }
    }

    private static List<string> Check(IFormFileCollection files)
    {
        List<string> violations = [];
        foreach (string name in files.Select(file => file.FileName))
        {
            if (name != Path.GetFileName(name) || !FileNames.IsSafe(name))
            {
                violations.Add($"'{name}' is not a usable file name.");
            }
            else if (ServiceFiles.IsReserved(name))
            {
                violations.Add($"'{name}' is a name that Modeldrop reserves for its own documents.");
            }
        }

        violations.AddRange(files.GroupBy(file => file.FileName, StringComparer.OrdinalIgnoreCase)
            .Where(same => same.Count() > 1)
            .Select(same => $"The form has {same.Count()} files named '{same.Key}'."));
        if (files.Count(file => FileNames.IsModel(file.FileName)) is var models and not 1)
        {
            violations.Add($"The form must contain exactly one file that ends in .onnx; it contains {models}.");
        }

        return violations;
    }

    private Task<Response<BlobContentInfo>> UploadAsync(string path, Stream content, CancellationToken cancellationToken) =>
        _drop.GetBlobClient(path).UploadAsync(content, new BlobUploadOptions { TransferOptions = InBlocks }, cancellationToken);

    private async Task<RegisterInput> StoreModelAsync(string path, Stream content, Identity actor, CancellationToken cancellationToken)
    {
        Response<BlobContentInfo> stored = await UploadAsync(path, content, cancellationToken);
        return new RegisterInput(path, stored.Value.ETag.ToString(), actor, IsUpload: true);
    }
}
