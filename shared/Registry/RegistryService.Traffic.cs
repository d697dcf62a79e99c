using Modeldrop.Errors;
using Modeldrop.Names;

namespace Modeldrop.Registry;

public sealed partial class RegistryService
{
    /// <summary>Sends a share of the traffic that names neither version nor alias to a version on its way to become champion.</summary>
    /// <param name="percent">0 to 100; 0 ends the split, and the version is validated as before.</param>
    /// <param name="actor">With the rollout's operation: it alone may change its split. Without one the split is made by hand.</param>
    /// <returns>
    /// The head after it. A call that comes again when the operation has moved on, or when its split was ended by others, changes nothing.
    /// </returns>
    /// <remarks>
    /// One write with the version's status. Moving, deleting or archiving the champion ends a split in the same write as well.
    /// </remarks>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.ModelNotFound"/>, <see cref="ErrorCode.VersionNotFound"/>; <see cref="ErrorCode.VersionNotReady"/> when there
    /// is no champion to share with, the model is archived, or the version may not serve; <see cref="ErrorCode.AliasConflict"/> while
    /// another operation splits the traffic.
    /// </exception>
    public async Task<ModelHead> ShiftTrafficAsync(
        VersionName version, int percent, Actor actor, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(percent);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(percent, 100);
        bool shifted = false;
        ModelHead after = await store.AppendOnceAsync(version.Model, actor.Operation, (head, own) =>
        {
            List<RegistryEvent> events = ShiftEvents(head, own, GetVersion(head, version.Number), percent, actor);
            shifted = events.Count > 0;
            return events;
        }, cancellationToken);
        if (shifted)
        {
            Log.TrafficShifted(logger, version.Model, version.Number, percent);
        }

        return after;
    }

    /// <summary>Makes the candidate of the operation's split the champion, and ends the split, in one write.</summary>
    /// <param name="actor">With the operation.</param>
    /// <returns>Null: the split was ended by somebody else, who wants the champion where it is.</returns>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.ModelNotFound"/>, <see cref="ErrorCode.VersionNotFound"/>; <see cref="ErrorCode.VersionNotReady"/>.
    /// </exception>
    public async Task<AliasMove?> PromoteCandidateAsync(VersionName version, Actor actor, CancellationToken cancellationToken)
    {
        bool ended = false;
        AliasMove move = await MoveAsync(version.Model, AliasName.Champion, version.Number, rolledBack: false, actor, head =>
        {
            ended = head.Split?.Operation != actor.Operation || head.Split?.Version != version.Number;
            return !ended;
        }, cancellationToken);
        return ended ? null : move;
    }

    private static List<RegistryEvent> ShiftEvents(
        ModelHead head, IReadOnlyList<RegistryEvent> own, VersionEntry target, int percent, Actor actor)
    {
        bool isOurs = head.Split is { } split && split.Operation == actor.Operation && split.Version == target.Number;
        bool done = isOurs ? head.Split!.Percent == percent : percent == 0;

        // A roll back or an operator has ended this operation's split: a late repetition must not begin it again.
        bool over = own.OfType<TrafficShifted>().Any(shift => shift.Percent == percent) || (!isOurs && own.OfType<TrafficShifted>().Any());
        if (done || over)
        {
            return [];
        }

        var shift = new TrafficShifted(target.Number, percent) { Actor = actor };
        if (isOurs)
        {
            return percent > 0 ? [shift] : [shift, Moved(head, target, VersionStatus.Validated, null, actor)];
        }

        CheckCanSplit(head, target);
        return [shift, Moved(head, target, VersionStatus.RollingOut, null, actor)];
    }

    private static void CheckCanSplit(ModelHead head, VersionEntry target)
    {
        if (target.Refusal is { } refusal)
        {
            throw new ServiceException(ErrorCode.VersionNotReady, $"Version {target.Number} of '{head.Name}' {refusal}.");
        }

        if (head.Split is { } standing)
        {
            throw new ServiceException(ErrorCode.AliasConflict,
                $"{standing.Percent} % of the traffic of '{head.Name}' goes to version {standing.Version} already "
                    + $"({standing.Operation ?? "by hand"}); end that first.");
        }

        head.CheckNotArchived();
        if (head.FindAlias(AliasName.Champion) is null)
        {
            throw new ServiceException(ErrorCode.VersionNotReady, $"'{head.Name}' has no champion to share its traffic with.");
        }
    }

    /// <summary>
    /// What ends a standing split when the champion changes: the candidate becomes champion itself, or is validated as before.
    /// </summary>
    private static IEnumerable<RegistryEvent> EndSplit(ModelHead head, VersionEntry? next, Actor actor)
    {
        if (head.Split is not { } split)
        {
            yield break;
        }

        yield return new TrafficShifted(split.Version, 0) { Actor = actor };
        if (split.Version != next?.Number)
        {
            yield return Moved(head, GetVersion(head, split.Version), VersionStatus.Validated, null, actor);
        }
    }
}
