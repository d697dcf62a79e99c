using Microsoft.Extensions.Options;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Monitoring;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Names;
using Modeldrop.Probe;
using Modeldrop.Registry;
using Modeldrop.Scoring.Cache;

namespace Modeldrop.Lifecycle.Validation;

/// <summary>Validates registered versions. Each step may be repeated.</summary>
public sealed class ValidationService(
    RegistryService registry, VersionStore versions, VersionDownload download, ProbeService probe, Validator validator,
    ReferenceProfiles profiles, ValidationReports reports, IOptions<MonitoringOptions> monitoring)
{
    /// <summary>
    /// Runs all checks against the present champion and stores the report with the version. The first run also stores the profile of the
    /// version's reference data, whose bins never change again.
    /// </summary>
    /// <returns>Why the version is refused, and why it gets no new profile; no replay.</returns>
    public async Task<ValidationChecks> RunAsync(VersionInput input, CancellationToken cancellationToken)
    {
        ModelName model = input.Model;
        if (!input.Again)
        {
            await registry.SetStatusAsync(input.Name, VersionStatus.Validating, reasons: null, ActorOf(input), cancellationToken);
        }

        using WorkFolder work = probe.CreateFolder();
        ValidationSubject candidate = await FetchAsync(
            work.Make("candidate"), input.Name, CompanionFiles.Names, cancellationToken);

        ModelHead head = await registry.GetAsync(model, cancellationToken);
        // The champion is measured on the candidate's data.
        ValidationSubject? champion = RivalOf(head, input.Version) is { } rival
            ? await FetchAsync(work.Make("champion"), new VersionName(model, rival), [], cancellationToken)
            : null;

        string? reference = candidate.Version.Files.Select(file => file.Path)
            .FirstOrDefault(path => CompanionFiles.IsData(path, CompanionFiles.Reference));
        ReferenceProfile? profile = reference is null ? null : await profiles.FindAsync(input.Name, cancellationToken);
        bool isProfiled = profile is not null;
        Validated validated = await validator.ValidateAsync(candidate, champion, profiles: reference is not null && !isProfiled,
            cancellationToken);
        if (validated.Baseline is { } found)
        {
            if (found.Sample is { } sample)
            {
                await versions.WriteDocumentAsync(input.Name, VersionDocuments.Sample, sample.Encode(), cancellationToken);
            }

            profile = await profiles.WriteAsync(input.Name, found.Profile, cancellationToken);
        }

        ValidationReport report = validated.Report;
        report = report with { Checks = [.. report.Checks, .. BaselineNotes(profile, validated.Unprofiled), .. Signed(candidate.Version)] };
        await reports.WriteAsync(model, report, cancellationToken);
        await WriteDocumentsAsync(model, report, cancellationToken);
        if (report.BatchInvariant is { } invariant)
        {
            await registry.ProveAsync(input.Name, invariant, ActorOf(input), cancellationToken);
        }

        // Counts made since a profile was stored refer to its bins, so the profile stays.
        IReadOnlyList<string> unprofiled = isProfiled && candidate.Version.FindFile(reference!)!.StoredAt is not null
            ? [$"'{reference}' came after the baseline for drift was fixed, so the baseline stays. A new version gets a new baseline."]
            : validated.Unprofiled;
        return new ValidationChecks(report.Reasons(), unprofiled, Replay: null);
    }

    /// <summary>Sets the version's final status, unless it already has one: validated, or rejected for the reasons.</summary>
    public Task EndAsync(VersionInput input, IReadOnlyList<string> reasons, CancellationToken cancellationToken) => input.Again
        ? Task.CompletedTask
        : registry.SetStatusAsync(
            input.Name,
            reasons.Count == 0 ? VersionStatus.Validated : VersionStatus.Rejected,
            reasons.Count == 0 ? null : reasons,
            ActorOf(input),
            cancellationToken);

    /// <summary>
    /// Returns the version to compare with: the champion, or for a champion the version it replaced; null once the version has retired.
    /// </summary>
    private static int? RivalOf(ModelHead head, int version)
    {
        int? champion = head.FindAlias(AliasName.Champion)?.Number;
        int? rival = champion == version ? head.Former is [.., var last] ? last : null
            : head.FindVersion(version)?.Status == VersionStatus.Retired ? null
            : champion;
        return rival is { } number && head.FindVersion(number)?.Status.MayServe() == true ? rival : null;
    }

    private async Task<ValidationSubject> FetchAsync(
        string folder, VersionName version, IReadOnlyList<string> companions, CancellationToken cancellationToken) =>
        new(folder, await download.ToFolderAsync(version, folder, companions, cancellationToken));

    /// <summary>Stores the documents with which later windows are compared.</summary>
    private async Task WriteDocumentsAsync(ModelName model, ValidationReport report, CancellationToken cancellationToken)
    {
        int version = report.Version;
        if (report.Calibration is { } calibration)
        {
            await versions.WriteDocumentAsync(
                new VersionName(model, version), VersionDocuments.Calibration, calibration.ToDocument(), cancellationToken);
        }

        if (report.Baseline is { } baseline)
        {
            await versions.WriteDocumentAsync(
                new VersionName(model, version), VersionDocuments.Performance, baseline.ToDocument(), cancellationToken);
        }

        if (report.Loss is { } loss)
        {
            await versions.WriteDocumentAsync(new VersionName(model, version), VersionDocuments.Loss, loss.ToDocument(), cancellationToken);
        }
    }

    /// <summary>
    /// Notes for the owner: a version that cannot score its reference data has no drift baseline, and a small baseline detects little.
    /// </summary>
    private IEnumerable<ValidationCheck> BaselineNotes(ReferenceProfile? baseline, IReadOnlyList<string> unprofiled)
    {
        if (unprofiled.Count > 0)
        {
            const string Note = "The model could not score its reference data: there is no baseline for drift.";
            yield return new ValidationCheck("profile", CheckVerdict.Noted, Note);
        }

        if (baseline is not null && ReferenceLimits.NoteOf(baseline, monitoring.Value) is { } limits)
        {
            yield return new ValidationCheck("baseline", CheckVerdict.Noted, limits);
        }
    }

    /// <summary>Notes who signed the version. A version without a signature that this installation requires does not get here.</summary>
    private static IEnumerable<ValidationCheck> Signed(ModelVersion version) =>
        from finding in version.Signatures ?? []
        let verdict = finding.Verdict == SignatureVerdict.Trusted ? CheckVerdict.Passed : CheckVerdict.Noted
        select new ValidationCheck($"signed.{finding.File}", verdict, $"{finding.File}: {finding.Explanation}");

    private static Actor ActorOf(VersionInput input) => new(input.Actor, operation: input.Operation);
}
