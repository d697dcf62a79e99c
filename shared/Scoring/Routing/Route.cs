using Modeldrop.Registry;

namespace Modeldrop.Scoring;

/// <summary>The version that takes a request.</summary>
/// <param name="Alias">The alias through which it was picked; null when the caller asked for the number.</param>
public sealed record Route(ModelName Model, VersionEntry Version, string? Alias);
