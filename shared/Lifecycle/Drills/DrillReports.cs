using System.Text.Json;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Storage;

namespace Modeldrop.Lifecycle.Drills;

/// <summary>The last drill of each version: <c>drill.json</c> in its folder.</summary>
public sealed class DrillReports(VersionStore versions)
{
    public Task WriteAsync(DrillReport report, CancellationToken cancellationToken) => versions.WriteDocumentAsync(
        new VersionName(report.Model, report.Version), VersionDocuments.Drill,
        JsonSerializer.SerializeToUtf8Bytes(report, StoredJson.Options), cancellationToken);

    /// <summary>Null if there was no drill.</summary>
    public async Task<DrillReport?> FindAsync(VersionName version, CancellationToken cancellationToken) =>
        await versions.FindDocumentAsync(version, VersionDocuments.Drill, cancellationToken) is { } document
            ? JsonSerializer.Deserialize<DrillReport>(document, StoredJson.Options)
            : null;
}
