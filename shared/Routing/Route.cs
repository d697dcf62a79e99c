using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Telemetry;

namespace Modeldrop.Routing;

/// <summary>The version that takes a request.</summary>
/// <param name="Alias">The alias through which it was picked, or <see cref="AliasName.Candidate"/>; null when the caller asked for the
/// number.</param>
/// <param name="Meter">Counts the request for a rollout; null when none is under way, or the caller chose the version.</param>
public sealed record Route(ModelName Model, VersionEntry Version, string? Alias, VersionMeter? Meter = null)
{
    public VersionName Name => new(Model, Version.Number);

    /// <summary>For measurements, boxed once.</summary>
    internal KeyValuePair<string, object?> VersionTag { get; } = new(ServiceTelemetry.VersionTag, Version.Number);
}
