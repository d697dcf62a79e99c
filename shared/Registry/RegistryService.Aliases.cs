using Modeldrop.Errors;
using Modeldrop.Names;

namespace Modeldrop.Registry;

public sealed partial class RegistryService
{
    /// <summary>Expectation for <see cref="MoveAliasAsync"/> that the alias is new.</summary>
    public const int NoVersion = 0;

    /// <summary>
    /// Points an alias at a version; creates it if it is new. A new champion and the old one change their status in the same write.
    /// </summary>
    /// <param name="expectedFrom">The version to which the alias must point before the move; <see cref="NoVersion"/>: none; null:
    /// any.</param>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.ModelNotFound"/>, <see cref="ErrorCode.VersionNotFound"/>; <see cref="ErrorCode.VersionNotReady"/> when the
    /// model is archived or the version may not serve; <see cref="ErrorCode.AliasConflict"/> when the alias points elsewhere than expected.
    /// </exception>
    public Task<AliasMove> MoveAliasAsync(
        ModelName model, AliasName alias, int version, int? expectedFrom, Actor actor, CancellationToken cancellationToken) =>
        MoveAsync(alias, new VersionName(model, version), rolledBack: false, actor, head =>
        {
            int current = head.Aliases.GetValueOrDefault(alias.Value)?.Version ?? NoVersion;
            return expectedFrom is null || expectedFrom == current
                ? true
                : throw new ServiceException(ErrorCode.AliasConflict,
                    $"Alias '{alias}' of '{model}' points to {(current == NoVersion ? "nothing" : $"version {current}")}, not where "
                        + $"it was expected.");
        }, cancellationToken);

    /// <summary>Deletes the alias. If it is the champion, its version retires.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.ModelNotFound"/>; <see cref="ErrorCode.AliasNotFound"/>.</exception>
    public async Task DeleteAliasAsync(ModelName model, AliasName alias, Actor actor, CancellationToken cancellationToken)
    {
        bool deleted = false;
        await store.AppendOnceAsync(model, actor.Operation, (head, own) =>
        {
            if (own.OfType<AliasDeleted>().Any(deletion => deletion.Alias == alias.Value))
            {
                deleted = false;
                return [];
            }

            deleted = true;
            int from = GetAlias(head, alias).Version;
            var events = new List<RegistryEvent> { new AliasDeleted(alias.Value, from) { Actor = actor } };
            if (alias == AliasName.Champion)
            {
                events.AddRange(EndSplit(head, next: null, actor));
                events.Add(Moved(head, GetVersion(head, from), VersionStatus.Retired, null, actor));
            }

            return events;
        }, cancellationToken);
        if (deleted)
        {
            Log.AliasDeleted(logger, model, alias);
        }
    }

    /// <summary>Makes an earlier version champion again, at once, by one conditional write.</summary>
    /// <param name="to">Null: the previous champion (<see cref="ChampionHistory"/>).</param>
    /// <param name="actor">Actor with the reason. A call without an operation is safe to repeat only if it sets
    /// <paramref name="to"/>.</param>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.ModelNotFound"/>, <see cref="ErrorCode.VersionNotFound"/>; <see cref="ErrorCode.AliasNotFound"/> when there is
    /// no champion; <see cref="ErrorCode.VersionNotReady"/> when there is no previous champion, or when the version may not serve;
    /// <see cref="ErrorCode.AliasConflict"/> when other writers were faster every time.
    /// </exception>
    public async Task<AliasMove> RollBackAsync(ModelName model, int? to, Actor actor, CancellationToken cancellationToken)
    {
        for (int attempt = 1; attempt <= MaxRegistrationAttempts; attempt++)
        {
            AliasEntry present = GetAlias(await GetAsync(model, cancellationToken), AliasName.Champion);
            IReadOnlyList<AliasChange> history = await AliasHistoryAsync(model, AliasName.Champion, cancellationToken);
            AliasChange? own = actor.Operation is null
                ? null
                : history.LastOrDefault(change => change.RolledBack && change.Actor.Operation == actor.Operation);
            if (own is { To: { } rolledBackTo })
            {
                return new AliasMove(own.Alias, own.From, rolledBackTo, own.At);
            }

            int target = to ?? ChampionHistory.Previous(history) ?? throw new ServiceException(ErrorCode.VersionNotReady,
                $"'{model}' had no champion before version {present.Version}; say which version to roll back to.");
            bool stale = false;
            AliasMove move = await MoveAsync(AliasName.Champion, new VersionName(model, target), rolledBack: true, actor, head =>
            {
                // The target belongs to this champion; if the champion has changed since, read again.
                stale = to is null && head.Aliases.GetValueOrDefault(AliasName.Champion.Value) != present;
                return !stale;
            }, cancellationToken);
            if (!stale)
            {
                return move;
            }
        }

        throw new ServiceException(ErrorCode.AliasConflict, $"Others moved the champion of '{model}' at the same time; try again.");
    }

    /// <summary>Returns where the alias pointed at an instant; null: nowhere.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.ModelNotFound"/>.</exception>
    public async Task<AliasEntry?> AliasAtAsync(
        ModelName model, AliasName alias, DateTimeOffset instant, CancellationToken cancellationToken)
    {
        IReadOnlyList<AliasChange> history = await AliasHistoryAsync(model, alias, cancellationToken);
        AliasChange? last = history.LastOrDefault(change => change.At <= instant);
        return last is { To: { } version } ? new AliasEntry(version, last.At) : null;
    }

    /// <summary>Lists all changes of the alias, oldest first; empty if it never existed.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.ModelNotFound"/>.</exception>
    public async Task<IReadOnlyList<AliasChange>> AliasHistoryAsync(ModelName model, AliasName alias, CancellationToken cancellationToken)
    {
        await GetAsync(model, cancellationToken);
        var history = new List<AliasChange>();
        await foreach (RegistryEvent registryEvent in store.ReadEventsAsync(model, null, null, cancellationToken))
        {
            if (registryEvent is AliasMoved moved && moved.Alias == alias.Value)
            {
                history.Add(new AliasChange(moved.Alias, moved.From, moved.To, moved.At, moved.Actor, moved.RolledBack));
            }
            else if (registryEvent is AliasDeleted deleted && deleted.Alias == alias.Value)
            {
                history.Add(new AliasChange(deleted.Alias, deleted.From, null, deleted.At, deleted.Actor, RolledBack: false));
            }
        }

        return history;
    }

    // `mayMove` is called only when something remains to be done: a repeated call finds its own first move before it checks any
    // expectation.
    private async Task<AliasMove> MoveAsync(
        AliasName alias, VersionName to, bool rolledBack, Actor actor, Func<ModelHead, bool> mayMove, CancellationToken cancellationToken)
    {
        (ModelName model, int version) = to;
        AliasMove? answer = null;
        bool moved = false;
        ModelHead after = await store.AppendOnceAsync(model, actor.Operation, (head, own) =>
        {
            VersionEntry target = GetVersion(head, version);
            AliasEntry? current = head.Aliases.GetValueOrDefault(alias.Value);
            AliasMoved? earlier = own.OfType<AliasMoved>().LastOrDefault(
                move => move.Alias == alias.Value && move.To == version && move.RolledBack == rolledBack);
            answer = earlier is not null ? new AliasMove(alias.Value, earlier.From, version, earlier.At)
                : current?.Version == version ? new AliasMove(alias.Value, version, version, current.Since)
                : null;
            moved = answer is null && mayMove(head);
            answer ??= new AliasMove(alias.Value, current?.Version, version, default);
            return moved ? MoveEvents(head, alias, current?.Version, target, rolledBack, actor) : [];
        }, cancellationToken);
        if (moved)
        {
            answer = answer! with { Since = after.UpdatedAt };
            Log.AliasMoved(logger, model, alias.Value, answer.From, version);
        }

        return answer!;
    }

    private static List<RegistryEvent> MoveEvents(
        ModelHead head, AliasName alias, int? from, VersionEntry target, bool rolledBack, Actor actor)
    {
        head.CheckNotArchived();
        if (target.Refusal is { } refusal)
        {
            throw new ServiceException(ErrorCode.VersionNotReady, $"Version {target.Number} of '{head.Name}' {refusal}.");
        }

        var move = new AliasMoved(alias.Value, from, target.Number, rolledBack) { Actor = actor };
        if (alias != AliasName.Champion)
        {
            return [move];
        }

        List<RegistryEvent> events = [move, .. EndSplit(head, target, actor)];
        if (from is { } old)
        {
            events.Add(Moved(head, GetVersion(head, old), VersionStatus.Retired, null, actor));
        }

        events.Add(Moved(head, target, VersionStatus.Champion, null, actor));
        return events;
    }

    private static AliasEntry GetAlias(ModelHead head, AliasName alias) =>
        !head.Exists ? throw new ServiceException(ErrorCode.ModelNotFound, $"There is no model '{head.Name}'.")
        : head.Aliases.GetValueOrDefault(alias.Value)
            ?? throw new ServiceException(ErrorCode.AliasNotFound, $"Model '{head.Name}' has no alias '{alias}'.");
}
