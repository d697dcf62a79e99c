using Modeldrop.Errors;
using Modeldrop.Names;

namespace Modeldrop.Registry;

public sealed partial class RegistryService
{
    /// <summary>Lets a version answer logged requests later, beside the champion.</summary>
    /// <param name="percent">0 to 100 percent of them; 0 ends it.</param>
    /// <param name="from">The first request that it answers; null: of now.</param>
    /// <returns>The head after it. The same call of the same operation changes nothing.</returns>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.ModelNotFound"/>, <see cref="ErrorCode.VersionNotFound"/>; <see cref="ErrorCode.VersionNotReady"/> when the
    /// model is archived or the version may not serve.
    /// </exception>
    public Task<ModelHead> SetShadowAsync(
        VersionName version, int percent, DateTimeOffset? from, Actor actor, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(percent);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(percent, 100);
        return store.AppendOnceAsync(version.Model, actor.Operation, (head, own) =>
        {
            VersionEntry target = GetVersion(head, version.Number);
            if (own.OfType<ShadowSet>().Any() || (percent == 0 && !head.Shadows.ContainsKey(version.Number)))
            {
                return [];
            }

            if (percent > 0)
            {
                CheckCanShadow(head, target);
            }

            return [new ShadowSet(version.Number, percent, from) { Actor = actor }];
        }, cancellationToken);
    }

    /// <summary>Refuses a shadow that could answer nothing.</summary>
    /// <exception cref="ServiceException"><see cref="ErrorCode.VersionNotReady"/>.</exception>
    internal static void CheckCanShadow(ModelHead head, VersionEntry version)
    {
        head.CheckNotArchived();
        if (!version.Status.MayServe())
        {
            throw new ServiceException(
                ErrorCode.VersionNotReady, $"Version {version.Number} of '{head.Name}' is {version.Status} and may not serve.");
        }
    }
}
