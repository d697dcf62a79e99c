using Modeldrop.Registry;

namespace Modeldrop.Exchange.Bundles;

/// <summary>Which events of a model go into the bundle of one of its versions.</summary>
internal static class BundleHistory
{
    /// <summary>
    /// The events that define the version: its registration, its validations, files that arrived late. Promotions, traffic and aliases
    /// concern this installation only, and would change the bundle of the same version each time.
    /// </summary>
    public static bool Belongs(RegistryEvent happened, int version) => happened switch
    {
        VersionRegistered registered => registered.Version == version,
        VersionStatusChanged changed => changed.Version == version && changed.To
            is VersionStatus.Validating or VersionStatus.Validated or VersionStatus.Rejected && changed.From != VersionStatus.RollingOut,
        VersionProven proven => proven.Version == version,
        VersionCompleted completed => completed.Version == version,
        VersionRevalidated revalidated => revalidated.Version == version,
        _ => false,
    };
}
