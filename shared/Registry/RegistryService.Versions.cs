using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Storage;

namespace Modeldrop.Registry;

public sealed partial class RegistryService
{
    // Workflows of one model do not overlap, and registrations within this process take turns, so even a second attempt is rare.
    private const int MaxRegistrationAttempts = 20;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(3);

    private readonly StoreTurns _registrations = new();

    /// <summary>Whether nothing refers to a version: no alias, no roll back, no share of the traffic, no shadow.</summary>
    public static bool MayDelete(ModelHead head, VersionEntry version) =>
        VersionTransitions.IsLegal(version.Status, VersionStatus.Deleted)
        && head.Aliases.Values.All(alias => alias.Version != version.Number)
        && head.Split?.Version != version.Number
        && (head.Former.IsEmpty || head.Former[^1] != version.Number)
        && !head.Shadows.ContainsKey(version.Number);

    /// <summary>Marks a version as deleted, unless something refers to it by now. The caller deletes its files.</summary>
    /// <returns>Whether it was marked.</returns>
    public async Task<bool> DeleteVersionAsync(VersionName version, Actor actor, CancellationToken cancellationToken)
    {
        ModelHead after = await store.AppendAsync(
            version.Model,
            head => head.FindVersion(version.Number) is { } entry && MayDelete(head, entry)
                ? [ChangeStatus(head, entry, VersionStatus.Deleted, null, actor)]
                : [],
            cancellationToken);
        return after.FindVersion(version.Number)?.Status == VersionStatus.Deleted;
    }

    /// <summary>Records a result of validation about a version; writes nothing if it is already known.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.ModelNotFound"/>, <see cref="ErrorCode.VersionNotFound"/>.</exception>
    public Task<ModelHead> ProveAsync(
        VersionName version, bool batchInvariant, Actor actor, CancellationToken cancellationToken) =>
        store.AppendAsync(
            version.Model,
            head => GetVersion(head, version.Number).BatchInvariant == batchInvariant
                ? []
                : [new VersionProven(version.Number, batchInvariant) { Actor = actor }],
            cancellationToken);

    /// <summary>Registers the staged package as the next version of its model, unless the model already has these files.</summary>
    /// <remarks>
    /// The files are written before the event that makes them a version, so that every version in the head is complete. A claim and
    /// conditional writes keep two operations that want the same number from mixing their files (<see cref="RegistryStore.ClaimAsync"/>,
    /// <see cref="VersionStore.TryWriteAsync"/>); the loser takes the next number. Interrupted anywhere and called again, it creates one
    /// version.
    /// </remarks>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.FileNotFound"/> when the package is no longer staged; <see cref="ErrorCode.VersionNotReady"/> when the model is
    /// archived.
    /// </exception>
    public Task<RegisteredVersion> RegisterVersionAsync(VersionRegistration registration, CancellationToken cancellationToken) =>
        _registrations.RunAsync(
            registration.Drop.Model.Value, () => RegisterInTurnAsync(registration, cancellationToken), cancellationToken);

    private async Task<RegisteredVersion> RegisterInTurnAsync(VersionRegistration registration, CancellationToken cancellationToken)
    {
        StagedDrop drop = registration.Drop;
        ModelName model = drop.Model;
        int? written = null;
        for (int attempt = 1; attempt <= MaxRegistrationAttempts; attempt++)
        {
            (ModelHead head, IReadOnlyList<RegistryEvent> own) = await store.ReadAsync(model, drop.Operation, cancellationToken);
            if (own.OfType<VersionRegistered>().FirstOrDefault() is { } done)
            {
                return new RegisteredVersion(drop.Model, done.Version, Existing: false);
            }

            if (written is { } number && (head.Archived || number <= head.Versions.Length))
            {
                Log.VersionTaken(logger, model, number);
                await versions.RemoveAsync(new VersionName(model, number), drop.Operation, cancellationToken);
                written = null;
            }

            head.CheckNotArchived();

            if (FindSame(head, drop) is { } same)
            {
                return new RegisteredVersion(drop.Model, same.Number, Existing: true);
            }

            int next = head.Versions.Length + 1;
            written = next;
            if (await TryRegisterAsync(new VersionName(model, next), registration, cancellationToken))
            {
                Log.VersionRegistered(logger, model, next);
                return new RegisteredVersion(drop.Model, next, Existing: false);
            }

            // A claim invalidates the claim before it, so operations that retry at once would only stop each other.
            await StoreBackOff.WaitAsync(attempt, FirstPause, LongestPause, cancellationToken);
        }

        throw new ServiceException(ErrorCode.RegistryConflict, $"Others registered versions of '{model}' at the same time; try again.");
    }

    /// <summary>
    /// Changes the status of a version. <see cref="VersionStatus.Champion"/> is set and removed with its alias:
    /// <see cref="MoveAliasAsync"/>.
    /// </summary>
    /// <param name="reasons">Reasons, if any: the violations of a rejected version.</param>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.ModelNotFound"/>, <see cref="ErrorCode.VersionNotFound"/>; <see cref="ErrorCode.VersionNotReady"/> when
    /// <see cref="VersionTransitions"/> does not contain the move.
    /// </exception>
    public async Task<ModelHead> SetStatusAsync(
        VersionName version, VersionStatus to, IReadOnlyList<string>? reasons, Actor actor, CancellationToken cancellationToken)
    {
        bool changed = false;
        ModelHead after = await store.AppendOnceAsync(version.Model, actor.Operation, (head, own) =>
        {
            VersionEntry entry = GetVersion(head, version.Number);
            bool done = entry.Status == to
                || own.OfType<VersionStatusChanged>().Any(move => move.Version == version.Number && move.To == to);
            changed = !done;
            return done ? [] : [ChangeStatus(head, entry, to, reasons is null ? null : ErrorText.Bounded(reasons), actor)];
        }, cancellationToken);
        if (changed)
        {
            Log.StatusChanged(logger, version.Model, version.Number, to);
        }

        return after;
    }

    /// <summary>Finds the version with the same bytes. A version whose files were deleted does not count.</summary>
    private static VersionEntry? FindSame(ModelHead head, StagedDrop drop) =>
        head.Versions.FirstOrDefault(version => drop.IsOf(version.Digest) && version.Status != VersionStatus.Deleted);

    private async Task<bool> TryRegisterAsync(
        VersionName version, VersionRegistration registration, CancellationToken cancellationToken)
    {
        StagedDrop drop = registration.Drop;
        var record = new ModelVersion
        {
            Model = drop.Model,
            Number = version.Number,
            Digest = drop.Digest,
            ModelSha256 = drop.FindFile(ModelVersion.ModelFile)!.Sha256,
            Files = drop.Files,
            Inspection = registration.Inspection,
            Manifest = registration.Manifest,
            Dataset = registration.Dataset,
            SourceLabel = drop.Label,
            DroppedAt = drop.DroppedAt,
            RegisteredAt = clock.GetUtcNow(),
            Operation = drop.Operation,
            Origin = drop.Bundle?.Origin,
            Omitted = drop.Bundle is { Omitted: { Count: > 0 } omitted } ? omitted : null,
            Signatures = registration.Signatures is { Count: > 0 } findings ? findings : null,
        };

        // The order matters. Of two claims, only the later one's conditions hold, because the folder of the earlier one was read before it.
        // A number that is free after the claim cannot be taken by an earlier claim, so the folder does not belong to a version yet.
        VersionFolder folder = await versions.ReadFolderAsync(version, cancellationToken);
        VersionClaim claim = await store.ClaimAsync(version, drop.Operation, cancellationToken);
        (ModelHead claimed, _) = await store.ReadAsync(version.Model, null, cancellationToken);
        if (claimed.Versions.Length >= version.Number || !await versions.TryWriteAsync(record, drop.Folder, folder, cancellationToken))
        {
            return false;
        }

        Actor actor = registration.Actor with { Operation = drop.Operation };
        bool decided = false;
        ModelHead? after = await store.TryAppendAsync(version.Model, drop.Operation, claim, (head, own) =>
        {
            decided = !head.Archived
                && head.Versions.Length == version.Number - 1
                && !own.OfType<VersionRegistered>().Any()
                && FindSame(head, drop) is null;
            return decided ? [Registered(head, record) with { Actor = actor }] : [];
        }, cancellationToken);
        if (after is null || !decided)
        {
            return false;
        }

        versions.Keep(record);
        return true;
    }

    /// <summary>A model without a description gets its manifest's; a description by a person stays.</summary>
    private static VersionRegistered Registered(ModelHead head, ModelVersion record) => new(
        record.Number,
        record.Digest,
        record.ModelSha256,
        head.Description.Length == 0 ? record.Manifest.Description : null,
        head.Tags.IsEmpty && record.Manifest.Tags.Count > 0 ? record.Manifest.Tags : null) { Actor = Actor.System };

    private static VersionStatusChanged ChangeStatus(
        ModelHead head, VersionEntry entry, VersionStatus to, IReadOnlyList<string>? reasons, Actor actor)
    {
        if (to == VersionStatus.Champion || entry.Status == VersionStatus.Champion)
        {
            throw new ServiceException(ErrorCode.VersionNotReady,
                $"Version {entry.Number} of '{head.Name}' is {entry.Status}; move or delete the alias 'champion' instead.");
        }

        if (head.Split is { } split && split.Version == entry.Number)
        {
            throw new ServiceException(ErrorCode.VersionNotReady,
                $"{split.Percent} % of the traffic of '{head.Name}' goes to version {entry.Number}; end its share first.");
        }

        if (to == VersionStatus.Deleted && !MayDelete(head, entry))
        {
            throw new ServiceException(
                ErrorCode.VersionNotReady,
                $"Version {entry.Number} of '{head.Name}' is {entry.Status}, or something refers to it; it cannot be deleted.");
        }

        return Moved(head, entry, to, reasons, actor);
    }

    private static VersionStatusChanged Moved(
        ModelHead head, VersionEntry entry, VersionStatus to, IReadOnlyList<string>? reasons, Actor actor) =>
        VersionTransitions.IsLegal(entry.Status, to)
            ? new VersionStatusChanged(entry.Number, entry.Status, to, reasons) { Actor = actor }
            : throw new ServiceException(ErrorCode.VersionNotReady,
                $"Version {entry.Number} of '{head.Name}' is {entry.Status} and cannot become {to}.");
}
