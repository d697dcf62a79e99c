using Modeldrop.Metrics.TwoSample;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Monitoring.Drift;

/// <summary>Whether the joint distribution of the traffic equals that of the reference: <c>joint-drift.json</c> of a version.</summary>
/// <param name="Drifted">Null: there is no verdict, and <paramref name="Summary"/> gives the reason.</param>
/// <param name="Result">Null without a verdict.</param>
public sealed record JointDriftReport(
    ModelName Model, int Version, DateTimeOffset From, DateTimeOffset To, DateTimeOffset CheckedAt, bool? Drifted, string Summary,
    double Significance, double MinimumAuc,
    int ReferenceRows, int WindowRows, int Packs, long Transactions, TwoSampleResult? Result);

/// <summary>Stores the latest comparison of each version: <c>joint-drift.json</c> in its folder.</summary>
public sealed class JointDriftReports(VersionStore versions)
{
    public Task WriteAsync(JointDriftReport report, CancellationToken cancellationToken) => versions.WriteJsonAsync(
        new VersionName(report.Model, report.Version), VersionDocuments.JointDrift, report, cancellationToken);

    /// <summary>Returns null if there was no comparison yet.</summary>
    public Task<JointDriftReport?> FindAsync(VersionName version, CancellationToken cancellationToken) =>
        versions.FindJsonAsync<JointDriftReport>(version, VersionDocuments.JointDrift, cancellationToken);
}
