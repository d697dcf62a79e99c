using Modeldrop.Names;

namespace Modeldrop.Monitoring.Drift;

/// <summary>The last drift report of a version in a line, for lists of many models.</summary>
/// <param name="HasVerdict">Whether there was enough to compare.</param>
/// <param name="Drifted">How many of <paramref name="Features"/> have drifted.</param>
public sealed record DriftHeadline(ModelName Model, int Version, bool HasVerdict, int Drifted, int Features, string Summary);
