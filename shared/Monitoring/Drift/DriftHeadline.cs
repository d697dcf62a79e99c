using Modeldrop.Names;

namespace Modeldrop.Monitoring.Drift;

/// <summary>The latest drift report of a version in one line, for lists of many models.</summary>
/// <param name="HasVerdict">Whether there was enough data to compare.</param>
/// <param name="Drifted">How many of <paramref name="Features"/> have drifted.</param>
/// <param name="Features">The features that the summary counts: <see cref="FeatureDrift.IsCounted"/>.</param>
public sealed record DriftHeadline(ModelName Model, int Version, bool HasVerdict, int Drifted, int Features, string Summary)
{
    public static DriftHeadline Of(DriftReport report) => new(
        report.Model, report.Version, report.Status == DriftStatus.Checked,
        report.Features.Count(feature => feature.Drifted && feature.IsCounted), report.Features.Count(feature => feature.IsCounted),
        report.Summary);
}

/// <summary>The verdict of one report of a model, for time lines.</summary>
/// <param name="HasVerdict">Whether there was enough data to compare.</param>
public sealed record DriftVerdict(DateTimeOffset CheckedAt, bool HasVerdict, bool Drifted, string Summary);
