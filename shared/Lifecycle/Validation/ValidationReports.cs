using System.Text;
using System.Text.Json;
using Modeldrop.Names;
using Modeldrop.Pages;
using Modeldrop.Registry;
using Modeldrop.Storage;

namespace Modeldrop.Lifecycle.Validation;

/// <summary>The reports of versions, as JSON and as a page.</summary>
public sealed class ValidationReports(VersionStore versions)
{
    public async Task WriteAsync(ModelName model, ValidationReport report, CancellationToken cancellationToken)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(report, StoredJson.Readable);
        byte[] page = Encoding.UTF8.GetBytes(HtmlPage.Render<ValidationPage, ValidationReport>(report));
        await versions.WriteDocumentAsync(new VersionName(model, report.Version), VersionDocuments.Report, json, cancellationToken);
        await versions.WriteDocumentAsync(new VersionName(model, report.Version), VersionDocuments.ReportPage, page, cancellationToken);
    }

    /// <summary>Returns the report of a version; null: its validation has not run.</summary>
    public Task<ValidationReport?> FindAsync(VersionName version, CancellationToken cancellationToken) =>
        versions.FindJsonAsync<ValidationReport>(version, VersionDocuments.Report, cancellationToken);

    /// <summary>Returns the report of a version whose validation has run.</summary>
    public async Task<ValidationReport> GetAsync(VersionName version, CancellationToken cancellationToken) =>
        await FindAsync(version, cancellationToken) ?? throw new InvalidOperationException($"{version} has no report.");
}
