using System.Collections.Frozen;
using System.Globalization;
using Modeldrop.Errors;
using Modeldrop.Registry;

namespace Modeldrop.Scoring;

/// <summary>A model as requests see it: its head, and all routes made ready. Immutable.</summary>
public sealed class ServedModel
{
    private readonly Route[] _versions;
    private readonly FrozenDictionary<string, Route> _aliases;

    /// <param name="champion">The version that takes the champion's traffic, which may be the previous one while a new one is loaded; null: none.</param>
    public ServedModel(ModelHead head, VersionEntry? champion)
    {
        Head = head;
        Name = ModelName.Parse(head.Name);
        _versions = [.. head.Versions.Select(version => new Route(Name, version, null))];

        var aliases = new Dictionary<string, Route>(StringComparer.Ordinal);
        foreach ((string alias, AliasEntry entry) in head.Aliases)
        {
            if (alias != AliasName.Champion.Value && head.FindVersion(entry.Version) is { } version)
            {
                aliases[alias] = new Route(Name, version, alias);
            }
        }

        if (champion is not null)
        {
            aliases[AliasName.Champion.Value] = new Route(Name, champion, AliasName.Champion.Value);
        }

        _aliases = aliases.ToFrozenDictionary(StringComparer.Ordinal);
        Policy = new TrafficPolicy(_aliases.GetValueOrDefault(AliasName.Champion.Value));
    }

    public ModelName Name { get; }

    public ModelHead Head { get; }

    public TrafficPolicy Policy { get; }

    /// <param name="versionOrAlias">A number, an alias, or null: the policy picks.</param>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.VersionNotFound"/>, also for a rejected version, which will never serve;
    /// <see cref="ErrorCode.VersionNotReady"/> for one that does not serve yet, or a model without champion.
    /// </exception>
    public Route Resolve(string? versionOrAlias, string? routingKey)
    {
        if (versionOrAlias is null)
        {
            return Policy.Pick(routingKey) is { } picked ? Serving(picked) : throw NoChampion();
        }

        if (int.TryParse(versionOrAlias, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
        {
            return number >= 1 && number <= _versions.Length
                ? Serving(_versions[number - 1])
                : throw new ServiceException(ErrorCode.VersionNotFound, $"Model '{Name}' has no version {number}.");
        }

        if (_aliases.TryGetValue(versionOrAlias, out Route? route))
        {
            return Serving(route);
        }

        throw versionOrAlias == AliasName.Champion.Value
            ? NoChampion()
            : new ServiceException(ErrorCode.VersionNotFound, $"Model '{Name}' has no version or alias '{versionOrAlias}'.");
    }

    private Route Serving(Route route)
    {
        if (route.Version.Status.MayServe())
        {
            return route;
        }

        throw route.Version.Status == VersionStatus.Rejected
            ? new ServiceException(ErrorCode.VersionNotFound, $"Version {route.Version.Version} of '{Name}' was rejected and does not serve.")
            : new ServiceException(ErrorCode.VersionNotReady, $"Version {route.Version.Version} of '{Name}' does not serve yet: it is {Text(route.Version.Status)}.");
    }

    private static string Text(VersionStatus status) => status == VersionStatus.Validating ? "being validated" : "registered";

    private ServiceException NoChampion() =>
        new(ErrorCode.VersionNotReady, Head.Aliases.ContainsKey(AliasName.Champion.Value)
            ? $"The champion of '{Name}' is not loaded yet."
            : $"No version of '{Name}' has been promoted yet.");
}
