using Modeldrop.Errors;
using Modeldrop.Storage;

namespace Modeldrop.Registry;

/// <summary>The stored files of versions: <c>models/&lt;model&gt;/&lt;version&gt;/…</c>.</summary>
public sealed class VersionStore(StorageAccount account)
{
    /// <summary>The version's record; null if it does not exist. Records are immutable, so they are kept in memory.</summary>
    public Task<ModelVersion?> FindAsync(ModelName model, int version, CancellationToken cancellationToken) => throw new NotSupportedException($"{account}");

    /// <summary>The version's record.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.VersionNotFound"/>.</exception>
    public Task<ModelVersion> GetAsync(ModelName model, int version, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Copies staged files to the version's folder and writes its record last. Safe to repeat; removes what does not belong.</summary>
    /// <param name="stagingFolder">In <see cref="BlobContainers.Staging"/>, without the final <c>/</c>.</param>
    public Task WriteAsync(ModelVersion version, string stagingFolder, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>A file of the version, by its path in it.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.FileNotFound"/>.</exception>
    public Task<Stream> OpenAsync(ModelName model, int version, string path, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Writes a document that belongs to the version but is made after registration, such as <c>report.json</c> or <c>profile.json</c>.</summary>
    public Task WriteDocumentAsync(ModelName model, int version, string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>A document's bytes; null if there is none.</summary>
    public Task<byte[]?> FindDocumentAsync(ModelName model, int version, string path, CancellationToken cancellationToken) => throw new NotSupportedException();
}
