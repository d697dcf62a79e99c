using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Lifecycle.Shadow;

// Running instances store the payloads of orchestrations and activities.

/// <param name="Percent">Percent of the logged requests, 0 to 100; 0 ends the shadow.</param>
/// <param name="From">Time of the first request that it answers; null: now.</param>
public sealed record ShadowInput(ModelName Model, int Version, int Percent, DateTimeOffset? From, Identity Actor, string? Reason);

public sealed record SetShadowInput(OperationId Operation, ShadowInput Shadow);
