using System.Text;
using System.Text.Json;
using Modeldrop.Lifecycle.Validation;
using Modeldrop.Registry;
using Modeldrop.Storage;

namespace Modeldrop.Lifecycle;

/// <summary>Validates registered versions. Each step may be repeated.</summary>
public sealed class ValidationService(RegistryService registry, VersionStore versions, VersionDownload download, Validator validator)
{
    public Task BeginAsync(VersionInput input, CancellationToken cancellationToken) =>
        registry.SetStatusAsync(ModelName.Parse(input.Model), input.Version, VersionStatus.Validating, reasons: null, ActorOf(input), cancellationToken);

    /// <summary>Runs all checks against the present champion and stores the report with the version.</summary>
    public async Task<ValidationResult> RunAsync(VersionInput input, CancellationToken cancellationToken)
    {
        ModelName model = ModelName.Parse(input.Model);
        using var candidateFolder = LocalFolder.Create();
        using var championFolder = LocalFolder.Create();
        var candidate = new ValidationSubject(candidateFolder.Path, await download.ToFolderAsync(model, input.Version, candidateFolder.Path, cancellationToken));

        ModelHead head = await registry.GetAsync(model, cancellationToken);
        ValidationSubject? champion = head.FindAlias(AliasName.Champion) is { } entry && entry.Version != input.Version
            ? new ValidationSubject(championFolder.Path, await download.ToFolderAsync(model, entry.Version, championFolder.Path, cancellationToken))
            : null;

        ValidationReport report = await validator.ValidateAsync(candidate, champion, cancellationToken);
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(report, StoredJson.Readable);
        byte[] page = Encoding.UTF8.GetBytes(ValidationReportHtml.Render(report));
        await versions.WriteDocumentAsync(model, input.Version, VersionDocuments.Report, json, cancellationToken);
        await versions.WriteDocumentAsync(model, input.Version, VersionDocuments.ReportPage, page, cancellationToken);
        return new ValidationResult(report.Reasons());
    }

    public Task EndAsync(EndValidationInput input, CancellationToken cancellationToken)
    {
        bool isValid = input.Result.Reasons.Count == 0;
        return registry.SetStatusAsync(
            ModelName.Parse(input.Version.Model),
            input.Version.Version,
            isValid ? VersionStatus.Validated : VersionStatus.Rejected,
            isValid ? null : input.Result.Reasons,
            ActorOf(input.Version),
            cancellationToken);
    }

    private static Actor ActorOf(VersionInput input) => new(input.Actor, Operation: input.Operation);
}
