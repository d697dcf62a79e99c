using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Storage;

namespace Modeldrop.Registry;

public sealed partial class RegistryService
{
    // Workflows of one model do not overlap, and within this process registrations take turns: even a second try is rare.
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

    /// <summary>Takes a version out of use for good, unless something refers to it by now. Its files are the caller's to delete.</summary>
    /// <returns>Whether it is taken out.</returns>
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

    /// <summary>Records what validation has found out about a version; nothing when it is known already.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.ModelNotFound"/>, <see cref="ErrorCode.VersionNotFound"/>.</exception>
    public Task<ModelHead> ProveAsync(
        VersionName version, bool batchInvariant, Actor actor, CancellationToken cancellationToken) =>
        store.AppendAsync(
            version.Model,
            head => GetVersion(head, version.Number).BatchInvariant == batchInvariant
                ? []
                : [new VersionProven(version.Number, batchInvariant) { Actor = actor }],
            cancellationToken);

    /// <summary>Makes the staged package the next version of its model, unless the model has these files already.</summary>
    /// <remarks>
    /// Files first, then the event that makes them a version: what the head shows is complete. A claim and conditional writes keep two
    /// operations that want the same number from mixing their files (<see cref="RegistryStore.ClaimAsync"/>,
    /// <see cref="VersionStore.TryWriteAsync"/>); the loser takes the next number. Stopped anywhere and called again, it makes one version.
    /// </remarks>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.FileNotFound"/> when the package is not staged any more; <see cref="ErrorCode.VersionNotReady"/> when the model
    /// is archived.
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

            // A claim stops the claim before it, so operations that try at once would only stop each other.
            await StoreBackOff.WaitAsync(attempt, FirstPause, LongestPause, cancellationToken);
        }

        throw new ServiceException(ErrorCode.RegistryConflict, $"Others register versions of '{model}' at the same moment; repeat.");
    }

    /// <summary>
    /// Moves a version in its life. <see cref="VersionStatus.Champion"/> comes and goes with its alias: <see cref="MoveAliasAsync"/>.
    /// </summary>
    /// <param name="reasons">Why, where there is something to say: the violations of a rejected version.</param>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.ModelNotFound"/>, <see cref="ErrorCode.VersionNotFound"/>; <see cref="ErrorCode.VersionNotReady"/> when
    /// <see cref="VersionTransitions"/> does not have the move.
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

    /// <summary>The version of the same bytes; one whose files were deleted is none.</summary>
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

        // In this order: of two claims, the conditions of the later one hold, since the earlier one's folder was read before it; and a
        // number that is free after the claim can be taken by nobody who claimed before it, so the folder is not a version's already.
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

    /// <summary>A model that nobody has described yet is described by its manifest; what people have said of it stays.</summary>
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
                $"Version {entry.Number} of '{head.Name}' is {entry.Status}; a champion is made and unmade by its alias.");
        }

        if (head.Split is { } split && split.Version == entry.Number)
        {
            throw new ServiceException(ErrorCode.VersionNotReady,
                $"{split.Percent} % of the traffic of '{head.Name}' goes to version {entry.Number}; its status changes with its share.");
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
