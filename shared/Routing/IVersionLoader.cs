using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Routing;

/// <summary>Makes versions ready to answer before traffic goes to them.</summary>
public interface IVersionLoader
{
    /// <summary>Returns when the version is loaded and warm.</summary>
    /// <exception cref="Exception">It cannot be loaded, for whatever reason.</exception>
    Task LoadAsync(ModelName model, VersionEntry version, CancellationToken cancellationToken);

    /// <summary>Names the versions that stay loaded as long as another of their model does.</summary>
    void KeepWith(IEnumerable<(VersionName Version, VersionName With)> companions);
}
