using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Scoring.Cache;

/// <summary>Where versions come from: the store, or in a test whatever it wants.</summary>
/// <param name="GetAsync">The version as it was registered: files that come late change nothing in its answers.</param>
/// <param name="OpenAsync">A file of the version, by its path; read once, from its begin.</param>
internal sealed record VersionSource(
    Func<ModelName, int, CancellationToken, Task<ModelVersion>> GetAsync,
    Func<ModelName, int, string, CancellationToken, Task<Stream>> OpenAsync)
{
    public static VersionSource Of(VersionStore store) => new(store.GetRegisteredAsync, store.ReadAsync);
}
