using Modeldrop.Registry;

namespace Modeldrop.Routing;

/// <summary>Where the heads of all models come from: the registry's store, or in a test whatever it wants.</summary>
/// <param name="ReadRevisionAsync">A text that changes with every change of any head.</param>
internal sealed record HeadSource(
    Func<CancellationToken, Task<string?>> ReadRevisionAsync,
    Func<CancellationToken, Task<IReadOnlyList<ModelHead>>> ListHeadsAsync)
{
    public static HeadSource Of(RegistryStore store) => new(store.ReadRevisionAsync, store.ListHeadsAsync);
}
