using System.Collections.Frozen;
using System.Globalization;
using Modeldrop.Errors;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Routing;

/// <summary>Whether the candidate of a split can take its share of the traffic.</summary>
internal enum CandidateState
{
    /// <summary>There is no split.</summary>
    None,
    Loading,
    Loaded,
    Failed,
}

/// <summary>A model as requests see it: its head, and all routes, prepared. Immutable.</summary>
public sealed class ServedModel
{
    private readonly Route[] _versions;
    private readonly FrozenDictionary<string, Route> _aliases;

    /// <param name="champion">
    /// The version that takes the champion's traffic: possibly the previous one while a new one is loading; null: none.
    /// </param>
    /// <param name="candidate">State of the version in the head's split; <see cref="CandidateState.None"/> without a split.</param>
    /// <param name="meter">Counts for the rollout that splits the traffic; null when there is none.</param>
    internal ServedModel(ModelHead head, VersionEntry? champion, CandidateState candidate = CandidateState.None, RolloutMeter? meter = null)
    {
        Head = head;
        Name = head.Name;
        CandidateState = candidate;
        _versions = [.. head.Versions.Select(version => new Route(Name, version, null))];

        var aliases = new Dictionary<string, Route>(StringComparer.Ordinal);
        foreach ((string alias, AliasEntry entry) in head.Aliases)
        {
            if (alias != AliasName.Champion.Value && head.FindVersion(entry.Version) is { } version)
            {
                aliases[alias] = new Route(Name, version, alias);
            }
        }

        Route? byDefault = Add(aliases, champion, AliasName.Champion.Value, meter);
        Policy = new TrafficPolicy(byDefault, Share(aliases, head, candidate, meter));
        _aliases = aliases.ToFrozenDictionary(StringComparer.Ordinal);
    }

    public ModelName Name { get; }

    public ModelHead Head { get; }

    public TrafficPolicy Policy { get; }

    internal CandidateState CandidateState { get; }

    /// <param name="versionOrAlias">A number, an alias, or null: the policy picks.</param>
    /// <param name="routingKey">Makes the policy's pick sticky; null: none.</param>
    /// <param name="draw">Decides if there is no key; different for each request.</param>
    /// <exception cref="ServiceException">
    /// <see cref="ErrorCode.VersionNotFound"/>, also for a rejected version, which never serves; <see cref="ErrorCode.VersionNotReady"/>
    /// for a version that does not serve yet, or a model without a champion.
    /// </exception>
    public Route Resolve(string? versionOrAlias, string? routingKey, ulong draw)
    {
        if (versionOrAlias is null)
        {
            return Policy.Pick(routingKey, draw) is { } picked ? Serving(picked) : throw NoChampion();
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

    /// <summary>Explains in one sentence why <see cref="Resolve"/> returned that route.</summary>
    public string Explain(string? versionOrAlias, string? routingKey, ulong draw, Route route)
    {
        string why = versionOrAlias is null ? Policy.Explain(routingKey, draw)
            : route.Alias is null ? "requested by its number"
            : $"requested by its alias '{route.Alias}'";
        return $"version {route.Version.Number}: {why}";
    }

    private CandidateShare? Share(Dictionary<string, Route> aliases, ModelHead head, CandidateState state, RolloutMeter? meter)
    {
        if (head.Split is not { } split || state == CandidateState.None)
        {
            return null;
        }

        VersionEntry? loaded = state == CandidateState.Loaded ? head.FindVersion(split.Version) : null;
        VersionMeter? unloaded = state == CandidateState.Failed ? meter?.Of(split.Version) : null;
        return new CandidateShare(split.Version, split.Percent, Add(aliases, loaded, AliasName.Candidate, meter), unloaded);
    }

    /// <summary>
    /// Adds the alias to those that callers may name, and returns the route for the policy: only that route counts for a rollout.
    /// </summary>
    private Route? Add(Dictionary<string, Route> aliases, VersionEntry? version, string alias, RolloutMeter? meter)
    {
        if (version is null)
        {
            return null;
        }

        var route = new Route(Name, version, alias);
        aliases[alias] = route;
        return meter is null ? route : route with { Meter = meter.Of(version.Number) };
    }

    private Route Serving(Route route)
    {
        if (route.Version.Status.MayServe())
        {
            return route;
        }

        throw route.Version.Status is VersionStatus.Rejected or VersionStatus.Deleted
            ? new ServiceException(
                ErrorCode.VersionNotFound,
                $"Version {route.Version.Number} of '{Name}' was "
                    + $"{(route.Version.Status == VersionStatus.Rejected ? "rejected" : "deleted by retention")} and does not serve.")
            : new ServiceException(
                ErrorCode.VersionNotReady,
                $"Version {route.Version.Number} of '{Name}' does not serve yet: it is {Text(route.Version.Status)}.");
    }

    private static string Text(VersionStatus status) => status == VersionStatus.Validating ? "being validated" : "registered";

    private ServiceException NoChampion() =>
        new(ErrorCode.VersionNotReady, Head.Aliases.ContainsKey(AliasName.Champion.Value)
            ? $"The champion of '{Name}' is not loaded yet."
            : $"No version of '{Name}' has been promoted yet.");
}
