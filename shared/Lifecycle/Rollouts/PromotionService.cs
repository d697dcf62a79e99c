using Modeldrop.Errors;
using Modeldrop.Manifests;
using Modeldrop.Names;
using Modeldrop.Registry;
using Modeldrop.Routing;

namespace Modeldrop.Lifecycle.Rollouts;

/// <summary>
/// Moves the champion, forward and back. A move is one conditional write that records its operation, so it may be repeated.
/// </summary>
public sealed class PromotionService(RegistryService registry, TrafficRouter router)
{
    /// <summary>Makes a version champion.</summary>
    /// <param name="onlyCandidate">Whether to move only while the operation's rollout still has traffic.</param>
    /// <returns>Null: somebody has ended the rollout.</returns>
    public async Task<MoveResult?> MoveAsync(
        VersionName version, bool onlyCandidate, Actor actor, CancellationToken cancellationToken)
    {
        if (!onlyCandidate)
        {
            return await MoveAsync(version, actor, cancellationToken);
        }

        return await registry.PromoteCandidateAsync(version, actor, cancellationToken) is { } move
            ? await ServeAsync(move, cancellationToken)
            : null;
    }

    public async Task<MoveResult> RollBackAsync(RollBackVersionInput input, CancellationToken cancellationToken)
    {
        RollBackInput rollBack = input.RollBack;
        var actor = new Actor(rollBack.Actor, rollBack.Reason, input.Operation);
        AliasMove move = await registry.RollBackAsync(rollBack.Model, rollBack.To, actor, cancellationToken);
        return await ServeAsync(move, cancellationToken);
    }

    /// <summary>Refuses a promotion that is not possible, before an operation is started for it.</summary>
    /// <returns>The version to promote.</returns>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.InvalidRequest"/> with all violations; <see cref="ErrorCode.ModelNotFound"/>;
    /// <see cref="ErrorCode.VersionNotFound"/>; <see cref="ErrorCode.VersionNotReady"/>.
    /// </exception>
    public async Task<int> CheckPromotionAsync(
        ModelName model, int? version, RolloutOverrides overrides, CancellationToken cancellationToken)
    {
        List<string> violations = [];
        if (version is null)
        {
            violations.Add("The body must name a version: {\"version\": 3}.");
        }

        if (overrides.Steps is { } steps && ManifestReader.CheckSteps(steps) is { } wrong)
        {
            violations.Add($"'steps' is [{string.Join(", ", steps.Take(21))}]; {wrong}.");
        }

        if (overrides.BakeMinutes is < 0 or > ManifestReader.MaxBakeMinutes or double.NaN)
        {
            violations.Add($"'bakeMinutes' is {overrides.BakeMinutes}; it must be 0 to {ManifestReader.MaxBakeMinutes}.");
        }

        if (violations.Count > 0)
        {
            throw new ServiceException(ErrorCode.InvalidRequest, violations);
        }

        CheckMayServe(await registry.GetAsync(model, cancellationToken), version!.Value);
        return version.Value;
    }

    /// <summary>Finds the version that was champion at an instant.</summary>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.ModelNotFound"/>; <see cref="ErrorCode.AliasNotFound"/> when there was none.
    /// </exception>
    public async Task<int> ChampionAtAsync(ModelName model, DateTimeOffset instant, CancellationToken cancellationToken) =>
        (await registry.AliasAtAsync(model, AliasName.Champion, instant, cancellationToken))?.Version
            ?? throw new ServiceException(ErrorCode.AliasNotFound, $"'{model}' had no champion at {instant:u}.");

    /// <summary>Refuses a roll back that has no target, before an operation is started for it.</summary>
    /// <returns><paramref name="to"/>.</returns>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.ModelNotFound"/>; <see cref="ErrorCode.VersionNotFound"/>; <see cref="ErrorCode.VersionNotReady"/>;
    /// <see cref="ErrorCode.AliasNotFound"/>.
    /// </exception>
    public async Task<int?> CheckRollBackAsync(ModelName model, int? to, CancellationToken cancellationToken)
    {
        ModelHead head = await registry.GetAsync(model, cancellationToken);
        head.CheckNotArchived();
        if (head.FindAlias(AliasName.Champion) is not { } champion)
        {
            throw new ServiceException(ErrorCode.AliasNotFound, $"Model '{model}' has no champion to roll back.");
        }

        if (to is { } number)
        {
            CheckMayServe(head, number);
        }
        else if (ChampionHistory.Previous(await registry.AliasHistoryAsync(model, AliasName.Champion, cancellationToken)) is null)
        {
            throw new ServiceException(ErrorCode.VersionNotReady,
                $"'{model}' had no champion before version {champion.Number}; say which version to roll back to: {{\"to\": 2}}.");
        }

        return to;
    }

    /// <summary>Finds the operation whose rollout has traffic now; null when the champion has all of it.</summary>
    public async Task<OperationId?> FindRolloutAsync(ModelName model, CancellationToken cancellationToken) =>
        (await registry.FindAsync(model, cancellationToken))?.Split?.Operation;

    private static void CheckMayServe(ModelHead head, int number)
    {
        head.CheckNotArchived();
        VersionEntry version = head.FindVersion(number)
            ?? throw new ServiceException(ErrorCode.VersionNotFound, $"Model '{head.Name}' has no version {number}.");
        if (version.Refusal is { } refusal)
        {
            throw new ServiceException(ErrorCode.VersionNotReady, $"Version {number} of '{head.Name}' {refusal}.");
        }
    }

    private async Task<MoveResult> MoveAsync(VersionName version, Actor actor, CancellationToken cancellationToken) =>
        await ServeAsync(
            await registry.MoveAliasAsync(version.Model, AliasName.Champion, version.Number, expectedFrom: null, actor, cancellationToken),
            cancellationToken);

    // A caller that sees the operation completed may send a request at once. By then at least this process serves the version; others
    // follow within two seconds.
    private async Task<MoveResult> ServeAsync(AliasMove move, CancellationToken cancellationToken)
    {
        await router.RefreshAsync(cancellationToken);
        return new MoveResult(move.From, move.To, Moved: move.From != move.To);
    }
}
