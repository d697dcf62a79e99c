using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Telemetry;

namespace Modeldrop.Routing;

/// <summary>The version that answers a request.</summary>
/// <param name="Alias">
/// The alias that selected the version, or <see cref="AliasName.Candidate"/>; null when the caller named the version number.
/// </param>
/// <param name="Meter">Counts the request for a rollout; null when there is none, or the caller chose the version.</param>
public sealed record Route(ModelName Model, VersionEntry Version, string? Alias, VersionMeter? Meter = null)
{
    public VersionName Name => new(Model, Version.Number);

    /// <summary>A tag for metrics, boxed once.</summary>
    internal KeyValuePair<string, object?> VersionTag { get; } = new(ServiceTelemetry.VersionTag, Version.Number);
}
