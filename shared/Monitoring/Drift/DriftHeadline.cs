using Modeldrop.Names;

namespace Modeldrop.Monitoring.Drift;

/// <summary>The last drift report of a version in a line, for lists of many models.</summary>
/// <param name="HasVerdict">Whether there was enough to compare.</param>
/// <param name="Drifted">How many of <paramref name="Features"/> have drifted.</param>
public sealed record DriftHeadline(ModelName Model, int Version, bool HasVerdict, int Drifted, int Features, string Summary);

/// <summary>What one report of a model said, for time lines.</summary>
/// <param name="HasVerdict">Whether there was enough to compare.</param>
public sealed record DriftVerdict(DateTimeOffset CheckedAt, int Version, bool HasVerdict, bool Drifted, string Summary);
