using Modeldrop.Errors;
using Modeldrop.Names;

namespace Modeldrop.Registry;

public sealed partial class RegistryService
{
    /// <summary>Sends a share of the traffic that names neither version nor alias to a version before it becomes champion.</summary>
    /// <param name="percent">0 to 100; 0 ends the split, and its status is validated again.</param>
    /// <param name="actor">Actor with the rollout's operation: only that operation may change its split. Without an operation the split is
    /// made by hand.</param>
    /// <returns>
    /// The head after the change. A call that is repeated after the operation has moved on, or after others ended its split, changes
    /// nothing.
    /// </returns>
    /// <remarks>
    /// One write together with the version's status. Moving, deleting or archiving the champion ends a split in the same write as well.
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

    /// <summary>Makes the candidate of the operation's split champion and ends the split, in one write.</summary>
    /// <param name="actor">Actor with the operation.</param>
    /// <returns>Null: somebody else has ended the split, so the champion stays.</returns>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.ModelNotFound"/>, <see cref="ErrorCode.VersionNotFound"/>; <see cref="ErrorCode.VersionNotReady"/>.
    /// </exception>
    public async Task<AliasMove?> PromoteCandidateAsync(VersionName version, Actor actor, CancellationToken cancellationToken)
    {
        bool ended = false;
        AliasMove move = await MoveAsync(AliasName.Champion, version, rolledBack: false, actor, head =>
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

        // A roll back or an operator has ended this operation's split; a late repetition must not start it again.
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
                $"{standing.Percent} % of the traffic of '{head.Name}' already goes to version {standing.Version} "
                    + $"({standing.Operation?.ToString() ?? "by hand"}); end that first.");
        }

        head.CheckNotArchived();
        if (head.FindAlias(AliasName.Champion) is null)
        {
            throw new ServiceException(ErrorCode.VersionNotReady, $"'{head.Name}' has no champion to share its traffic with.");
        }
    }

    /// <summary>
    /// The events that end a split when the champion changes: the candidate becomes champion itself, or its status is validated again.
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
