using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Lifecycle.Drills;

/// <summary>The last drill of each version: <c>drill.json</c> in its folder.</summary>
public sealed class DrillReports(VersionStore versions)
{
    public Task WriteAsync(DrillReport report, CancellationToken cancellationToken) => versions.WriteJsonAsync(
        new VersionName(report.Model, report.Version), VersionDocuments.Drill, report, cancellationToken);

    /// <summary>Null if there was no drill.</summary>
    public Task<DrillReport?> FindAsync(VersionName version, CancellationToken cancellationToken) =>
        versions.FindJsonAsync<DrillReport>(version, VersionDocuments.Drill, cancellationToken);
}
