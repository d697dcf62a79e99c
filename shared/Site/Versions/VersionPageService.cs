using Modeldrop.Errors;
using Modeldrop.Lifecycle.Validation;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Tracking.Models;

namespace Modeldrop.Site.Versions;

/// <summary>Collects the data for the page of a version.</summary>
/// <remarks>
/// Three requests, one more for a version that MLflow's client has registered, and two more for the version with which it is compared.
/// </remarks>
public sealed class VersionPageService(RegistryService registry, VersionStore versions, ValidationReports reports, RunSummaries runs)
{
    /// <param name="against">Null: there is no comparison.</param>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.ModelNotFound"/>; <see cref="ErrorCode.VersionNotFound"/>; <see cref="ErrorCode.StoreUnavailable"/>.
    /// </exception>
    public async Task<VersionView> GetAsync(VersionName version, int? against, CancellationToken cancellationToken)
    {
        ModelHead head = await registry.GetAsync(version.Model, cancellationToken);
        OtherVersion one = await ReadAsync(version.Model, head, version.Number, cancellationToken);
        OtherVersion? other = against is { } number ? await ReadAsync(version.Model, head, number, cancellationToken) : null;
        RunSummary? run = one.Entry.Status == VersionStatus.Deleted ? null : await runs.FindAsync(one.Record, cancellationToken);
        return new VersionView(head, one.Entry, one.Record, one.Report, other, run);
    }

    private async Task<OtherVersion> ReadAsync(ModelName model, ModelHead head, int version, CancellationToken cancellationToken)
    {
        VersionEntry entry = head.FindVersion(version)
            ?? throw new ServiceException(ErrorCode.VersionNotFound, $"Model '{model}' has no version {version}.");
        Task<ValidationReport?> report = reports.FindAsync(new VersionName(model, version), cancellationToken);
        return new OtherVersion(entry, await versions.GetAsync(model, entry, cancellationToken), await report);
    }
}
