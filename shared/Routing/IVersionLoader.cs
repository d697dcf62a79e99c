using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Routing;

/// <summary>Prepares versions to answer before they receive traffic.</summary>
public interface IVersionLoader
{
    /// <summary>Returns when the version is loaded and warm.</summary>
    /// <exception cref="Exception">The version cannot be loaded, for any reason.</exception>
    Task LoadAsync(ModelName model, VersionEntry version, CancellationToken cancellationToken);

    /// <summary>Names versions that stay loaded as long as another version of their model does.</summary>
    void KeepWith(IEnumerable<(VersionName Version, VersionName With)> companions);
}
