using System.Globalization;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Registry;
using Modeldrop.Storage;

namespace Modeldrop.Lifecycle;

/// <summary>Puts a model that comes by HTTP where a dropped one would be, so that there is one way to register.</summary>
public sealed class DropUpload(StorageAccount account, TimeProvider clock)
{
    private readonly BlobContainerClient _drop = account.Container(BlobContainers.Drop);

    /// <summary>Stores the request's body (the <c>.onnx</c>, or a form with it and its companions) under <c>drop/&lt;model&gt;/upload-…/</c>.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.InvalidRequest"/> when there is no or more than one <c>.onnx</c>.</exception>
    public async Task<RegisterInput> StoreAsync(ModelName model, HttpRequest request, string actor, CancellationToken cancellationToken)
    {
        string time = clock.GetUtcNow().UtcDateTime.ToString("yyyyMMddTHHmmss", CultureInfo.InvariantCulture);
        string folder = $"{model}/upload-{time}-{Guid.NewGuid().ToString("N")[..8]}";
        return await StoreCall.RunAsync($"the upload to '{folder}'", () => request.HasFormContentType
            ? StoreFormAsync(folder, request, actor, cancellationToken)
            : StoreModelAsync($"{folder}/{ModelVersion.ModelFile}", request.Body, actor, cancellationToken));
    }

    private async Task<RegisterInput> StoreFormAsync(string folder, HttpRequest request, string actor, CancellationToken cancellationToken)
    {
        IFormCollection form = await request.ReadFormAsync(cancellationToken);
        IFormFile[] models = [.. form.Files.Where(file => DropPath.IsModelFile(file.FileName))];
        string[] misnamed = [.. form.Files.Select(file => file.FileName).Where(name => name.Length == 0 || name != Path.GetFileName(name))];
        if (models.Length != 1 || misnamed.Length > 0)
        {
            List<string> violations = [.. misnamed.Select(name => $"'{name}' is not a plain file name.")];
            if (models.Length != 1)
            {
                violations.Add($"The form must hold exactly one file that ends in .onnx; it holds {models.Length}.");
            }

            throw new ServiceException(ErrorCode.InvalidRequest, violations);
        }

        // The model goes last: its arrival starts the registration.
        foreach (IFormFile companion in form.Files.Where(file => file != models[0]))
        {
            await using Stream content = companion.OpenReadStream();
            await _drop.GetBlobClient($"{folder}/{companion.FileName}").UploadAsync(content, overwrite: true, cancellationToken);
        }

        await using Stream model = models[0].OpenReadStream();
        return await StoreModelAsync($"{folder}/{ModelVersion.ModelFile}", model, actor, cancellationToken);
    }

    private async Task<RegisterInput> StoreModelAsync(string path, Stream content, string actor, CancellationToken cancellationToken)
    {
        Response<BlobContentInfo> stored = await _drop.GetBlobClient(path).UploadAsync(content, overwrite: true, cancellationToken);
        return new RegisterInput(path, stored.Value.ETag.ToString(), actor);
    }
}
