using Modeldrop.Names;

namespace Modeldrop.Registry;

/// <summary>Where those who serve versions get them from.</summary>
public interface IVersionSource
{
    /// <summary>The version as it was registered: files that come late change nothing in its answers.</summary>
    Task<ModelVersion> GetRegisteredAsync(VersionName version, CancellationToken cancellationToken);

    /// <summary>A file of the version, read once, from its begin.</summary>
    /// <param name="storedAt">Where the record says that it lies.</param>
    Task<Stream> ReadAsync(VersionName version, string storedAt, CancellationToken cancellationToken);
}
