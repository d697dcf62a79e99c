using System.Text.Json;
using Azure;
using Azure.Storage.Blobs.Models;
using Modeldrop.Names;
using Modeldrop.Storage;

namespace Modeldrop.Registry;

/// <remarks>Documents are written by the service itself beside a version's files: reports, profiles, states.</remarks>
public sealed partial class VersionStore
{
    /// <summary>
    /// Writes a document that belongs to the version but is created after registration, such as <c>report.json</c> or <c>profile.json</c>.
    /// </summary>
    /// <exception cref="ArgumentException">The path belongs to a file of the version.</exception>
    public Task WriteDocumentAsync(
        VersionName version, string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        WriteDocumentAsync(version, path, content, conditions: null, cancellationToken);

    /// <summary>Writes a document with several writers, if it is unchanged since it was read.</summary>
    /// <param name="etag">The tag that was read; null: there was no document.</param>
    /// <returns>Whether it was written; false if another writer was faster.</returns>
    public Task<bool> TryWriteDocumentAsync(
        VersionName version, string path, ReadOnlyMemory<byte> content, ETag? etag, CancellationToken cancellationToken) =>
        WriteDocumentAsync(
            version, path, content, etag is null
                ? new BlobRequestConditions { IfNoneMatch = ETag.All }
                : new BlobRequestConditions { IfMatch = etag }, cancellationToken);

    /// <summary>Returns a document's bytes; null if there is none.</summary>
    public async Task<byte[]?> FindDocumentAsync(VersionName version, string path, CancellationToken cancellationToken) =>
        (await FindTaggedDocumentAsync(version, path, cancellationToken))?.Content;

    /// <summary>Writes a document as JSON (<see cref="StoredJson"/>).</summary>
    /// <exception cref="ArgumentException">The path belongs to a file of the version.</exception>
    public Task WriteJsonAsync<T>(VersionName version, string path, T content, CancellationToken cancellationToken) =>
        WriteDocumentAsync(version, path, JsonSerializer.SerializeToUtf8Bytes(content, StoredJson.Options), cancellationToken);

    /// <summary>Reads a document that is JSON; null if there is none.</summary>
    public async Task<T?> FindJsonAsync<T>(VersionName version, string path, CancellationToken cancellationToken)
        where T : class =>
        await FindDocumentAsync(version, path, cancellationToken) is { } document
            ? JsonSerializer.Deserialize<T>(document, StoredJson.Options)
            : null;

    /// <summary>Returns a document's bytes and the tag for <see cref="TryWriteDocumentAsync"/>; null if there is none.</summary>
    public Task<(byte[] Content, ETag Tag)?> FindTaggedDocumentAsync(
        VersionName version, string path, CancellationToken cancellationToken) =>
        StoreCall.RunAsync<(byte[] Content, ETag Tag)?>(Name(version, path), async () =>
        {
            try
            {
                BlobDownloadResult result = await Blob(version, path).DownloadContentAsync(cancellationToken);
                return (result.Content.ToArray(), result.Details.ETag);
            }
            catch (RequestFailedException exception) when (exception.Status == 404)
            {
                return null;
            }
        });

    /// <returns>False if the conditions did not hold.</returns>
    private async Task<bool> WriteDocumentAsync(
        VersionName version, string path, ReadOnlyMemory<byte> content, BlobRequestConditions? conditions,
        CancellationToken cancellationToken)
    {
        ModelVersion record = await GetRegisteredAsync(version, cancellationToken);
        if (path == ServiceFiles.Version || record.FindFile(path) is not null)
        {
            throw new ArgumentException(
                $"'{path}' is a file of version {version.Number} of '{version.Model}' and cannot be changed.", nameof(path));
        }

        var options =
            new BlobUploadOptions { Metadata = new Dictionary<string, string> { [DocumentKey] = "true" }, Conditions = conditions };
        return await StoreCall.RunAsync(Name(version, path), async () =>
        {
            try
            {
                await Blob(version, path).UploadAsync(new BinaryData(content), options, cancellationToken);
                return true;
            }
            catch (RequestFailedException exception) when (conditions is not null && exception.Status is 409 or 412)
            {
                return false;
            }
        });
    }
}
