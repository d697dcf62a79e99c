using System.Collections.Frozen;
using System.Globalization;
using Modeldrop.Errors;
using Modeldrop.Registry;

namespace Modeldrop.Scoring;

/// <summary>Where a request goes.</summary>
/// <param name="Alias">Through which the version was picked; null when its number was asked for.</param>
public sealed record Route(ModelName Model, VersionEntry Version, string? Alias);

/// <summary>All models as routing sees them. Immutable: a request sees one state from beginning to end.</summary>
public sealed class TrafficSnapshot
{
    public static readonly TrafficSnapshot Empty = new(revision: null, []);

    private readonly FrozenDictionary<string, ModelHead> _heads;

    public TrafficSnapshot(string? revision, IEnumerable<ModelHead> heads)
    {
        Revision = revision;
        _heads = heads.Where(head => !head.Archived && head.Versions.Length > 0).ToFrozenDictionary(head => head.Name, StringComparer.Ordinal);
    }

    /// <summary>Of the registry; null before the first event.</summary>
    public string? Revision { get; }

    /// <summary>Models that are not archived and have a version.</summary>
    public IEnumerable<ModelHead> Models => _heads.Values;

    public ModelHead? Find(string model) => _heads.GetValueOrDefault(model);

    /// <exception cref="ServiceException"><see cref="ErrorCode.ModelNotFound"/>.</exception>
    public ModelHead Get(string model) => Find(model) ?? throw new ServiceException(ErrorCode.ModelNotFound, $"There is no model '{model}'.");

    /// <summary>Picks the version: by number, by alias, or, when neither is given, the champion.</summary>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.ModelNotFound"/>; <see cref="ErrorCode.VersionNotFound"/>; <see cref="ErrorCode.VersionNotReady"/> when the version may not serve;
    /// <see cref="ErrorCode.ModelNotReady"/> when the model has no champion yet.
    /// </exception>
    public Route Resolve(string model, string? versionOrAlias)
    {
        ModelHead head = Get(model);
        if (versionOrAlias is null)
        {
            VersionEntry champion = head.FindAlias(AliasName.Champion)
                ?? throw new ServiceException(ErrorCode.ModelNotReady, $"Model '{model}' has no champion yet: a version must pass its validation and be promoted.");
            return new Route(ModelName.Parse(model), champion, AliasName.Champion.Value);
        }

        bool isNumber = int.TryParse(versionOrAlias, NumberStyles.None, CultureInfo.InvariantCulture, out int number);
        VersionEntry? version = isNumber ? head.FindVersion(number) : head.FindAlias(AliasName.Parse(versionOrAlias));
        if (version is null)
        {
            throw new ServiceException(ErrorCode.VersionNotFound, $"Model '{model}' has no version '{versionOrAlias}'.");
        }

        return version.Status.MayServe()
            ? new Route(ModelName.Parse(model), version, isNumber ? null : versionOrAlias)
            : throw new ServiceException(ErrorCode.VersionNotReady, $"Version {version.Version} of '{model}' is {version.Status} and may not serve.");
    }
}
