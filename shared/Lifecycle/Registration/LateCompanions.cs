using System.Text.Json;
using Modeldrop.Lifecycle.Validation;
using Modeldrop.Manifests;
using Modeldrop.Monitoring.Alerts;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Storage;

namespace Modeldrop.Lifecycle.Registration;

/// <summary>Handles companions that arrive after their drop has become a version. Each step may be repeated.</summary>
public sealed class LateCompanions(
    RegistryService registry, VersionStore versions, DatasetLineage lineage, AlertStore alerts, TimeProvider clock)
{
    /// <summary>Finds the version with the bytes of a folder's model and weights; the newest if there are several.</summary>
    /// <param name="late">The folder as it is staged now.</param>
    /// <returns>Null if no version has these bytes; the folder then becomes a version of its own.</returns>
    public async Task<(VersionEntry Entry, ModelVersion Record)?> FindVersionAsync(StagedDrop late, CancellationToken cancellationToken)
    {
        ModelName model = late.Model;
        string sha256 = late.FindFile(ModelVersion.ModelFile)!.Sha256;
        ModelHead? head = await registry.FindAsync(model, cancellationToken);
        foreach (VersionEntry entry in head?.Versions.Reverse() ?? [])
        {
            if (entry.ModelSha256 == sha256 && entry.Status != VersionStatus.Deleted)
            {
                ModelVersion record = await versions.GetAsync(new VersionName(model, entry.Number), cancellationToken);
                if (LateFiles.Decide(late, record).Action != LateFileAction.Register)
                {
                    return (entry, record);
                }
            }
        }

        return null;
    }

    /// <summary>Adds the late files to the version.</summary>
    public async Task<RegisterVersionResult> CompleteAsync(
        VersionEntry entry, ModelVersion record, StagedDrop late, StagedInspection inspected, Identity person,
        CancellationToken cancellationToken)
    {
        LateFileDecision decision = LateFiles.Decide(late, record);
        bool isRepeated = record.CompletedBy == late.Operation;
        if (decision.Action == LateFileAction.Nothing && !isRepeated)
        {
            return new RegisterVersionResult(entry.Number, Existing: true, entry.Status, Failed: entry.Failed);
        }

        IReadOnlyList<string> files = isRepeated
            ? [.. record.Files.Where(file => file.StoredAt is not null).Select(file => file.Path)]
            : decision.Files;
        DatasetReference? dataset = await lineage.RegisterAsync(late, inspected, person.Name, cancellationToken);
        var actor = new Actor(person, operation: late.Operation);
        var completed = new LateDrop
        {
            Files = [],
            Manifest = inspected.Manifest,
            Signature = inspected.Inspection.Signature,
            Dataset = dataset,
            Signatures = inspected.Signatures.Count > 0 ? inspected.Signatures : null,
            TakenAt = clock.GetUtcNow(),
            Operation = late.Operation,
        };
        await registry.CompleteVersionAsync(record.Name, late, files, completed, actor, cancellationToken);
        if (dataset is not null && inspected.Reference is { } reference)
        {
            record = await versions.GetAsync(record.Name, cancellationToken);
            var registered = new RegisteredVersion(late.Model, entry.Number, Existing: true);
            string stored = record.FindFile(reference.File)?.StoredAt ?? reference.File;
            await lineage.LinkAsync(dataset, registered, reference with { File = stored }, cancellationToken);
        }

        return new RegisterVersionResult(entry.Number, Existing: false, entry.Status, Completed: true);
    }

    /// <summary>Records whether a version in use has passed the validation that its late files started, and alerts if it failed.</summary>
    /// <returns>What remains to be done.</returns>
    public async Task<LateConclusion> ConcludeAsync(ConcludeLateInput input, CancellationToken cancellationToken)
    {
        ModelName model = input.Version.Model;
        int version = input.Version.Version;
        var actor = new Actor(input.Version.Actor, operation: input.Version.Operation);
        ModelHead head = await registry.RecordRevalidationAsync(new VersionName(model, version), input.Reasons, actor, cancellationToken);
        bool isChampion = head.FindAlias(AliasName.Champion)?.Number == version;
        int? predecessor = head.Former is [.., var last] && head.FindVersion(last) is { Refusal: null } ? last : null;
        LateFailureAction action = LateFiles.AfterValidation(input.Reasons.Count == 0, isChampion, predecessor is not null);
        string follows = action switch
        {
            LateFailureAction.RollBack => $"Version {predecessor} takes over.",
            LateFailureAction.MarkFailed when isChampion => "It stays champion, because there is no version to roll back to.",
            _ => "",
        };
        if (action == LateFailureAction.Nothing)
        {
            string passed = $"Version {version} of '{model}' passed its validation with the files that came late.";
            await alerts.ResolveAsync(new VersionName(model, version), AlertKind.Validation, passed, Figures(input), cancellationToken);
        }
        else if (isChampion)
        {
            MonitoringPolicy policy = (await versions.GetAsync(new VersionName(model, version), cancellationToken)).Manifest.Monitoring;
            string failed = $"Version {version} of '{model}' failed its validation with files that came late: {input.Reasons[0]} {follows}";
            await alerts.RaiseAsync(
                new VersionName(model, version), AlertKind.Validation, failed, Figures(input), policy.AlertWebhook, cancellationToken);
        }

        return new LateConclusion(action == LateFailureAction.RollBack ? predecessor : null, follows);
    }

    private static JsonElement Figures(ConcludeLateInput input) =>
        JsonSerializer.SerializeToElement(new { input.Reasons, input.Version.Operation }, StoredJson.Options);
}
