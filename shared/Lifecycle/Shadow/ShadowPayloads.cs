using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Lifecycle.Shadow;

// Payloads of orchestrations and activities: running instances store them.

/// <param name="Percent">Of the logged requests, 0 to 100; 0 ends the shadow.</param>
/// <param name="From">The first request that it answers; null: of now.</param>
public sealed record ShadowInput(ModelName Model, int Version, int Percent, DateTimeOffset? From, Identity Actor, string? Reason);

public sealed record SetShadowInput(string Operation, ShadowInput Shadow);
