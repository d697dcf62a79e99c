using Modeldrop.Names;

namespace Modeldrop.Registry;

/// <summary>Provides versions for serving.</summary>
public interface IVersionSource
{
    /// <summary>Returns the version as it was registered: files that came late do not change its answers.</summary>
    Task<ModelVersion> GetRegisteredAsync(VersionName version, CancellationToken cancellationToken);

    /// <summary>Opens a file of the version for one read from its start.</summary>
    /// <param name="storedAt">The stored path, according to the record.</param>
    Task<Stream> ReadAsync(VersionName version, string storedAt, CancellationToken cancellationToken);
}
