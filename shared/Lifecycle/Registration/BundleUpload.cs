using System.Globalization;
using System.Text.RegularExpressions;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Storage;

namespace Modeldrop.Lifecycle.Registration;

/// <summary>Stores a bundle uploaded by HTTP in the drop container, so that there is one way to register.</summary>
public sealed partial class BundleUpload(StorageAccount account, RegistryService registry, TimeProvider clock)
{
    private const int BlockBytes = 4 << 20;

    private readonly BlobContainerClient _drop = account.Container(BlobContainers.Drop);

    /// <summary>Stores a body under <c>drop/&lt;model&gt;/bundle-…/</c> without reading its contents.</summary>
    /// <param name="key">
    /// The key of the upload: of several uploads with the same key, the first one counts. Null: every upload is a new one.
    /// </param>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.InvalidRequest"/> for an unusable key, or a model name that differs from an existing one only in case;
    /// <see cref="ErrorCode.VersionNotReady"/> when the model is archived.
    /// </exception>
    public async Task<RegisterInput> StoreAsync(
        ModelName model, string? key, Stream body, Identity actor, CancellationToken cancellationToken)
    {
        if (key is not null && !Key().IsMatch(key))
        {
            throw new ServiceException(
                ErrorCode.InvalidRequest, "The header Idempotency-Key must have 1 to 64 letters, digits, '.', '_' or '-'.");
        }

        if (await registry.FindAsync(model, cancellationToken) is { } known)
        {
            known.CheckNotArchived();
        }
        else
        {
            await registry.CheckNameAsync(model, cancellationToken);
        }

        string path = $"{model}/bundle-{key ?? NewKey()}/{model}.bundle.zip";
        string etag = await StoreCall.RunAsync($"the upload to '{path}'", () => StoreOnceAsync(path, body, cancellationToken));
        return new RegisterInput(path, etag, actor, IsUpload: true);
    }

    private async Task<string> StoreOnceAsync(string path, Stream body, CancellationToken cancellationToken)
    {
        BlobClient blob = _drop.GetBlobClient(path);
        if (await FindAsync(blob, cancellationToken) is { } before)
        {
            return before;
        }

        try
        {
            // One block at a time, so that memory holds at most one block of the request's body.
            var options = new BlobUploadOptions
            {
                Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All },
                TransferOptions = new StorageTransferOptions
                {
                    InitialTransferSize = BlockBytes, MaximumTransferSize = BlockBytes, MaximumConcurrency = 1,
                },
            };
            return (await blob.UploadAsync(body, options, cancellationToken)).Value.ETag.ToString();
        }
        catch (RequestFailedException exception) when (exception.Status is 409 or 412)
        {
            if (await FindAsync(blob, cancellationToken) is { } first)
            {
                return first;
            }

            throw;
        }
    }

    private static async Task<string?> FindAsync(BlobClient blob, CancellationToken cancellationToken)
    {
        try
        {
            return (await blob.GetPropertiesAsync(cancellationToken: cancellationToken)).Value.ETag.ToString();
        }
        catch (RequestFailedException exception) when (exception.Status == 404)
        {
            return null;
        }
    }

    private string NewKey()
    {
        string time = clock.GetUtcNow().UtcDateTime.ToString("yyyyMMddTHHmmss", CultureInfo.InvariantCulture);
        return $"{time}-{Guid.NewGuid().ToString("N")[..8]}";
    }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Key();
}
