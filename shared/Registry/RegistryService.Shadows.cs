using Modeldrop.Errors;
using Modeldrop.Names;

namespace Modeldrop.Registry;

public sealed partial class RegistryService
{
    /// <summary>Makes a version a shadow, which answers logged requests afterwards, beside the champion.</summary>
    /// <param name="percent">Percent of the requests, 0 to 100; 0 ends the shadow.</param>
    /// <param name="from">Time of the first request that it answers; null: now.</param>
    /// <returns>The head after the change. Repeating the call in the same operation changes nothing.</returns>
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

    /// <summary>Refuses a shadow that could not answer anything.</summary>
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
