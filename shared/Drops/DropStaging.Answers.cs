using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Storage;

namespace Modeldrop.Drops;

public sealed partial class DropStaging
{
    /// <summary>Writes <c>rejected.json</c> beside the drop.</summary>
    public Task RejectAsync(DropPath path, OperationId operation, IReadOnlyList<string> reasons, CancellationToken cancellationToken) =>
        StoreCall.RunAsync($"the answer to drop '{path.BlobName}'", async () =>
        {
            BlobClient blob = _drop.GetBlobClient(path.RejectionBlob);
            DropRejection? present = await FindRejectionAsync(path, cancellationToken);
            if (present is not null && present.Operation == operation && present.Reasons.SequenceEqual(reasons))
            {
                return;
            }

            var rejection = new DropRejection(path.BlobName, clock.GetUtcNow(), operation, reasons);
            await blob.UploadAsync(BinaryData.FromObjectAsJson(rejection, StoredJson.Readable), Json(null), cancellationToken);
        });

    /// <summary>Whether another model has replaced the announced one. A deleted model has not been replaced.</summary>
    /// <param name="etag">ETag of the announced blob, with or without quotes.</param>
    public Task<bool> IsReplacedAsync(DropPath path, string etag, CancellationToken cancellationToken) =>
        StoreCall.RunAsync($"drop '{path.BlobName}'", async () =>
        {
            try
            {
                BlobProperties present = await _drop.GetBlobClient(path.BlobName).GetPropertiesAsync(cancellationToken: cancellationToken);
                return Bare(present.ETag.ToString()) != Bare(etag);
            }
            catch (RequestFailedException exception) when (exception.Status == 404)
            {
                return false;
            }
        });

    /// <summary>Returns the refusal beside the drop; null if there is none.</summary>
    public Task<DropRejection?> FindRejectionAsync(DropPath path, CancellationToken cancellationToken) =>
        ReadJsonAsync<DropRejection>(_drop.GetBlobClient(path.RejectionBlob), cancellationToken);

    /// <summary>Deletes the refusal of an earlier drop after a later one has become a version.</summary>
    public Task ClearRejectionAsync(DropPath path, CancellationToken cancellationToken) =>
        StoreCall.RunAsync($"the answer to drop '{path.BlobName}'",
            () => _drop.GetBlobClient(path.RejectionBlob).DeleteIfExistsAsync(cancellationToken: cancellationToken));
}
