using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Lifecycle.Rollouts;

/// <summary>Finds who has dropped or uploaded a version, and keeps them from making it champion by hand.</summary>
public sealed class FourEyesService(RegistryStore registry, VersionStore versions)
{
    /// <summary>
    /// Everyone who has dropped or uploaded the version or companions of it. For a drop by blob, the app does not know who it was.
    /// </summary>
    public async Task<IReadOnlyList<Identity>> DroppersAsync(VersionName version, CancellationToken cancellationToken) =>
    [
        .. await registry.ReadEventsAsync(version.Model, null, null, cancellationToken)
            .Where(happened => happened is VersionRegistered registered && registered.Version == version.Number
                || happened is VersionCompleted completed && completed.Version == version.Number)
            .Select(happened => happened.Actor.Who)
            .Where(who => who.Kind is not null)
            .Distinct()
            .ToListAsync(cancellationToken),
    ];

    /// <summary>Refuses to make a version champion by hand for a person who has dropped it, if its manifest requires four eyes.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.Forbidden"/>.</exception>
    public async Task CheckMoveAsync(
        VersionName version, AliasName alias, Identity who, CancellationToken cancellationToken)
    {
        if (alias.Value == AliasName.Champion.Value
            && (await registry.FindHeadAsync(version.Model, cancellationToken))?.FindVersion(version.Number) is not null
            && (await versions.GetAsync(version, cancellationToken)).Manifest.Promotion.FourEyes
            && FourEyes.Refuse(who, await DroppersAsync(version, cancellationToken)) is { } refusal)
        {
            throw new ServiceException(ErrorCode.Forbidden, refusal);
        }
    }
}
