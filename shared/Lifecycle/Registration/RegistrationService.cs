using Microsoft.Extensions.Options;
using Modeldrop.Drops;
using Modeldrop.Errors;
using Modeldrop.Lifecycle.Operations;
using Modeldrop.Lifecycle.Validation;
using Modeldrop.Manifests;
using Modeldrop.Names;
using Modeldrop.Probe;
using Modeldrop.Registry;

namespace Modeldrop.Lifecycle.Registration;

/// <summary>The steps that turn a drop into a version. Each may be repeated: its effect is stored under the operation's id.</summary>
public sealed class RegistrationService(
    DropStaging staging, ProbeService probe, RegistryService registry, VersionStore versions, DatasetLineage lineage,
    LateCompanions late, WorkSlots slots, DropMeter meter, DropSignatures signatures, IOptions<RegistryOptions> options)
{
    /// <summary>
    /// Checks whether all files of the drop have arrived and requests a slot. Once it has a slot, it copies the drop to where its files can
    /// no longer change. The line for slots is in the order of the drops.
    /// </summary>
    public async Task<StageResult> StageAsync(StageInput input, CancellationToken cancellationToken)
    {
        (OperationId operation, RegisterInput drop) = input.Drop;
        DropPath path = PathOf(drop);
        string model = path.BlobName[path.Folder.Length..];
        DropFolder folder = await staging.LookAsync(path, drop.WaitsForFiles, cancellationToken);
        SlotTurn? slot = null;

        // Another model, or none, is there by now: staging says so, unless the drop was taken before.
        if (folder.Find(model) is { } file && file.ETag == drop.ETag.Trim('"'))
        {
            DropDecision decision = DropSettling.Decide(folder, model, [.. input.External], drop.IsUpload, options.Value);
            if (drop.WaitsForFiles && decision.State == DropState.Waiting)
            {
                var waits = new LookResult(decision.LookAgainAt!.Value - folder.At, decision.Reasons[0]);
                return new StageResult(false, path.Model, [], Waits: waits);
            }

            if (drop.WaitsForFiles && decision.State == DropState.GaveUp)
            {
                return new StageResult(false, path.Model, decision.Reasons);
            }

            slot = await slots.EnterAsync(SlotPool.Registration, operation, file.ModifiedAt, cancellationToken);
            if (!slot.Works)
            {
                return new StageResult(false, path.Model, [], file.ModifiedAt, slot);
            }
        }

        if (input.Again)
        {
            await staging.DeleteAsync(operation, cancellationToken);
        }

        StagingResult result = await staging.StageAsync(operation, path, drop.ETag, slot is null ? null : folder, cancellationToken);
        if (result.Drop is { } staged)
        {
            slot ??= await slots.EnterAsync(SlotPool.Registration, operation, staged.DroppedAt, cancellationToken);
        }

        return new StageResult(
            result.Superseded, path.Model, result.Reasons, result.Drop?.DroppedAt, slot, result.Drop?.Taken);
    }

    /// <summary>Verifies signatures, then inspects the model and its data in child processes, and the manifest.</summary>
    public async Task<InspectResult> InspectAsync(DropInput input, CancellationToken cancellationToken)
    {
        OperationId operation = input.Operation;
        using WorkFolder work = probe.CreateFolder();
        string folder = work.Make("drop");
        StagedDrop drop = await staging.DownloadAsync(operation, folder, cancellationToken);
        SignatureOutcome signed = await signatures.CheckAsync(drop, folder, cancellationToken);
        if (signed.Refusals.Count > 0)
        {
            return new InspectResult(
                ErrorText.Bounded(signed.Refusals), [], await HasChangedAsync(input.Drop, drop, cancellationToken));
        }

        (Manifest? manifest, IReadOnlyList<string> violations) = await ReadManifestAsync(folder, cancellationToken);
        InspectionOutcome outcome = await probe.InspectDropAsync(folder, manifest, cancellationToken, operation);
        ModelName model = drop.Model;
        string? refusal = await registry.FindAsync(model, cancellationToken) is { } known
            ? known.Refusal
            : await registry.FindNameConflictAsync(model, cancellationToken);
        string? misnamed = manifest is null || drop.Bundle is not null ? null : await lineage.CheckAsync(manifest, drop, cancellationToken);
        IReadOnlyList<string> reasons = ErrorText.Bounded(
        [
            .. outcome.Reasons, .. outcome.Companions?.Violations ?? [], .. violations, .. Absent(manifest, drop),
            .. new[] { misnamed, refusal }.OfType<string>(),
        ]);
        if (reasons.Count == 0)
        {
            DataFile? reference = outcome.Companions!.Find(CompanionFiles.Reference);
            var found = new StagedInspection(
                outcome.Inspection!, manifest!, reference is null
                    ? null
                    : new ReferenceFile(reference.File, reference.Rows, reference.Columns, reference.Profile))
            {
                Signatures = signed.Findings,
            };
            await staging.WriteDocumentAsync(operation, StagedInspection.FileName, found, cancellationToken);
        }

        return new InspectResult(
            reasons, outcome.MissingFiles, reasons.Count > 0 && await HasChangedAsync(input.Drop, drop, cancellationToken));
    }

    /// <summary>
    /// Whether the inspected drop ends the rollout in front of it. False if its manifest says to wait, or if it is the older drop.
    /// </summary>
    /// <param name="front">The operation of that rollout.</param>
    public async Task<bool> SupersedesAsync(OperationId operation, OperationId front, CancellationToken cancellationToken)
    {
        StagedInspection? inspected = await staging.ReadDocumentAsync<StagedInspection>(
            operation, StagedInspection.FileName, cancellationToken);
        if (inspected?.Manifest.Promotion.DuringRollout != DuringRollout.Supersede)
        {
            return false;
        }

        // A promotion has nothing staged, and it is older than the drop that finds it.
        StagedDrop? inFront = await staging.ReadAsync(front, cancellationToken);
        return inFront is null || inFront.DroppedAt <= (await GetStagedAsync(operation, cancellationToken)).DroppedAt;
    }

    /// <summary>Finds the version that late files belong to.</summary>
    /// <returns>Null if there is none.</returns>
    public async Task<RegisterVersionResult?> FindVersionAsync(OperationId operation, CancellationToken cancellationToken) =>
        await late.FindVersionAsync(await GetStagedAsync(operation, cancellationToken), cancellationToken) is { } found
            ? new RegisterVersionResult(found.Entry.Number, Existing: true, found.Entry.Status)
            : null;

    /// <summary>Creates the drop's version, unless the same bytes already are one; adds late files to their version.</summary>
    /// <remarks>
    /// The registry decides: two first drops whose names differ only in case both pass the inspection, and one of them gets the name.
    /// </remarks>
    /// <param name="mustBeWhole">Whether to register nothing if files have arrived since the drop was staged.</param>
    public async Task<RegisterVersionResult> RegisterVersionAsync(DropInput input, bool mustBeWhole, CancellationToken cancellationToken)
    {
        StagedDrop drop = await GetStagedAsync(input.Operation, cancellationToken);
        if (mustBeWhole && await HasChangedAsync(input.Drop, drop, cancellationToken))
        {
            return RegisterVersionResult.Changed;
        }

        StagedInspection inspected = await staging.ReadDocumentAsync<StagedInspection>(
            input.Operation, StagedInspection.FileName, cancellationToken)
            ?? throw new ServiceException(ErrorCode.FileNotFound, $"Operation '{input.Operation}' has not inspected its drop.");
        ModelName model = drop.Model;
        if (input.Drop.Late is not null && await late.FindVersionAsync(drop, cancellationToken) is { } found)
        {
            return await late.CompleteAsync(found.Entry, found.Record, drop, inspected, input.Drop.Actor, cancellationToken);
        }

        DatasetReference? dataset = await lineage.RegisterAsync(drop, inspected, input.Drop.Actor.Name, cancellationToken);
        RegisteredVersion registered;
        try
        {
            registered = await registry.RegisterVersionAsync(new VersionRegistration
            {
                Drop = drop,
                Inspection = inspected.Inspection,
                Manifest = inspected.Manifest,
                Dataset = dataset,
                Signatures = inspected.Signatures,
                Actor = new Actor(input.Drop.Actor, operation: input.Operation),
            }, cancellationToken);
        }
        catch (ServiceException exception) when (exception.Code is ErrorCode.InvalidRequest or ErrorCode.VersionNotReady)
        {
            // A repetition would be refused too.
            return RegisterVersionResult.Refused(exception.Message);
        }

        if (dataset is not null)
        {
            // Also for an existing version: the operation that created it may have ended before this step.
            await lineage.LinkAsync(dataset, registered, inspected.Reference, cancellationToken);
        }

        ModelHead head = await registry.GetAsync(model, cancellationToken);
        VersionEntry entry = head.FindVersion(registered.Version)!;
        return new RegisterVersionResult(registered.Version, registered.Existing, entry.Status, Failed: entry.Failed);
    }

    /// <summary>Writes the reasons for the refusal beside the drop. If no version records them, the event log does.</summary>
    /// <remarks>Nothing is written beside a newer drop at the same place: that drop has an operation and an answer of its own.</remarks>
    public async Task RejectAsync(FinishDropInput input, CancellationToken cancellationToken)
    {
        DropPath path = PathOf(input.Drop);
        meter.CountRefused(input.Version);
        if (!await staging.IsReplacedAsync(path, input.Drop.ETag, cancellationToken))
        {
            await staging.RejectAsync(path, input.Operation, await AllReasonsAsync(path, input, cancellationToken), cancellationToken);
        }

        if (input.Version is null)
        {
            await registry.RecordRejectionAsync(
                path.LogName, path.BlobName, input.Reasons, new Actor(input.Drop.Actor, operation: input.Operation), cancellationToken);
        }
    }

    /// <summary>Deletes the refusal of an earlier drop at the same place, because this drop has succeeded.</summary>
    public async Task ClearRejectionAsync(RegisterInput drop, CancellationToken cancellationToken)
    {
        DropPath path = PathOf(drop);
        if (!await staging.IsReplacedAsync(path, drop.ETag, cancellationToken))
        {
            await staging.ClearRejectionAsync(path, cancellationToken);
        }
    }

    /// <summary>Removes the operation's working copies.</summary>
    public Task FinishAsync(OperationId operation, CancellationToken cancellationToken) =>
        staging.DeleteAsync(operation, cancellationToken);

    /// <summary>Adds the reasons from the version's report, so that dropping the same files again names them too.</summary>
    private async Task<IReadOnlyList<string>> AllReasonsAsync(DropPath path, FinishDropInput input, CancellationToken cancellationToken)
    {
        if (input.Version is not { } version
                || path.Model is not { } model
                || (await versions.GetAsync(new VersionName(model, version), cancellationToken)).Operation == input.Operation)
        {
            return input.Reasons;
        }

        ValidationReport? report = await versions.FindJsonAsync<ValidationReport>(
            new VersionName(model, version), VersionDocuments.Report, cancellationToken);
        return ErrorText.Bounded([.. input.Reasons.Union(report?.Reasons() ?? [], StringComparer.Ordinal)]);
    }

    private static async Task<(
        Manifest? Manifest, IReadOnlyList<string> Violations)> ReadManifestAsync(string folder, CancellationToken cancellationToken)
    {
        if (CompanionFiles.Find(folder, ManifestReader.FileName) is not { } path)
        {
            return (new Manifest(), []);
        }

        long bytes = new FileInfo(path).Length;
        if (bytes > ManifestReader.MaxBytes)
        {
            return (null, [$"{ManifestReader.FileName}: it has {bytes:N0} bytes; at most {ManifestReader.MaxBytes:N0} are accepted."]);
        }

        ManifestReading reading = ManifestReader.Read(await File.ReadAllBytesAsync(path, cancellationToken));
        return (reading.Manifest, [.. reading.Violations.Select(violation => $"{ManifestReader.FileName}: {violation}")]);
    }

    // An upload by HTTP brings all its files at once, the model last.
    private async Task<bool> HasChangedAsync(RegisterInput input, StagedDrop staged, CancellationToken cancellationToken) =>
        input.WaitsForFiles && await staging.HasChangedAsync(PathOf(input), staged, cancellationToken);

    private static IEnumerable<string> Absent(Manifest? manifest, StagedDrop drop) =>
        from name in manifest?.Companions ?? []
        where drop.FindFile(name) is null && drop.Bundle?.Omitted.Any(file => file.Path == name) != true
        select $"{ManifestReader.FileName}: '{name}' is listed in 'companions' but is missing.";

    private async Task<StagedDrop> GetStagedAsync(OperationId operation, CancellationToken cancellationToken) =>
        await staging.ReadAsync(operation, cancellationToken) ?? throw new ServiceException(
            ErrorCode.FileNotFound, $"Operation '{operation}' has nothing staged.");

    private static DropPath PathOf(RegisterInput drop) =>
        DropPath.Find(drop.Path) ?? throw new ServiceException(ErrorCode.InvalidRequest, $"'{drop.Path}' is not a model file.");
}
