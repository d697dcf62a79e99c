using Modeldrop.Lifecycle.Validation;
using Modeldrop.Probe;
using Modeldrop.Registry;

namespace Modeldrop.Lifecycle;

/// <summary>Validates registered versions. Each step may be repeated.</summary>
public sealed class ValidationService(
    RegistryService registry, VersionStore versions, VersionDownload download, ProbeService probe, Validator validator, ValidationReports reports)
{
    /// <summary>Runs all checks against the present champion and stores the report with the version.</summary>
    /// <returns>Why the version is refused; empty when it has passed.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(VersionInput input, CancellationToken cancellationToken)
    {
        ModelName model = ModelName.Parse(input.Model);
        if (!input.Again)
        {
            await registry.SetStatusAsync(model, input.Version, VersionStatus.Validating, reasons: null, ActorOf(input), cancellationToken);
        }

        using WorkFolder work = probe.CreateFolder();
        ValidationSubject candidate = await FetchAsync(work.Make("candidate"), model, input.Version, CompanionFiles.Names, cancellationToken);

        ModelHead head = await registry.GetAsync(model, cancellationToken);
        // The champion is measured on the candidate's data.
        ValidationSubject? champion = RivalOf(head, input.Version) is { } rival
            ? await FetchAsync(work.Make("champion"), model, rival, [], cancellationToken)
            : null;

        ValidationReport report = await validator.ValidateAsync(candidate, champion, cancellationToken);
        report = report with { Checks = [.. report.Checks, .. await ProfileNoteAsync(candidate.Version, model, cancellationToken)] };
        await reports.WriteAsync(model, report, cancellationToken);
        if (report.Calibration is { } calibration)
        {
            await versions.WriteDocumentAsync(model, input.Version, VersionDocuments.Calibration, calibration.ToDocument(), cancellationToken);
        }

        if (report.Baseline is { } baseline)
        {
            await versions.WriteDocumentAsync(model, input.Version, VersionDocuments.Performance, baseline.ToDocument(), cancellationToken);
        }

        if (report.Loss is { } loss)
        {
            await versions.WriteDocumentAsync(model, input.Version, VersionDocuments.Loss, loss.ToDocument(), cancellationToken);
        }

        if (report.BatchInvariant is { } invariant)
        {
            await registry.ProveAsync(model, input.Version, invariant, ActorOf(input), cancellationToken);
        }

        return report.Reasons();
    }

    /// <summary>Gives the version its status, unless it has one for good: validated, or rejected for the reasons.</summary>
    public Task EndAsync(VersionInput input, IReadOnlyList<string> reasons, CancellationToken cancellationToken) => input.Again
        ? Task.CompletedTask
        : registry.SetStatusAsync(
            ModelName.Parse(input.Model),
            input.Version,
            reasons.Count == 0 ? VersionStatus.Validated : VersionStatus.Rejected,
            reasons.Count == 0 ? null : reasons,
            ActorOf(input),
            cancellationToken);

    /// <summary>What the version is compared with: the champion, or the one whose place it took; nothing once it has retired.</summary>
    private static int? RivalOf(ModelHead head, int version)
    {
        int? champion = head.FindAlias(AliasName.Champion)?.Version;
        int? rival = champion == version ? head.Former is [.., var last] ? last : null
            : head.FindVersion(version)?.Status == VersionStatus.Retired ? null
            : champion;
        return rival is { } number && head.FindVersion(number)?.Status.MayServe() == true ? rival : null;
    }

    private async Task<ValidationSubject> FetchAsync(
        string folder, ModelName model, int version, IReadOnlyList<string> companions, CancellationToken cancellationToken) =>
        new(folder, await download.ToFolderAsync(model, version, folder, companions, cancellationToken));

    /// <summary>A version goes without a drift baseline when it could not score its reference data: its owner must see that.</summary>
    private async Task<IReadOnlyList<ValidationCheck>> ProfileNoteAsync(ModelVersion version, ModelName model, CancellationToken cancellationToken)
    {
        bool hasReference = version.Files.Any(file => CompanionFiles.IsData(file.Path, CompanionFiles.Reference));
        return hasReference && await versions.FindDocumentAsync(model, version.Version, VersionDocuments.Profile, cancellationToken) is null
            ? [new ValidationCheck("profile", CheckVerdict.Noted, "The model could not score its reference data: there is no baseline for drift.")]
            : [];
    }

    private static Actor ActorOf(VersionInput input) => new(input.Actor, Operation: input.Operation);
}
