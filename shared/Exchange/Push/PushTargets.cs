using Microsoft.Extensions.Options;
using Modeldrop.Errors;

namespace Modeldrop.Exchange.Push;

/// <summary>Another installation that versions may be pushed to.</summary>
public sealed record PushTarget(string Name, Uri Address, string? Key);

/// <summary>
/// The installations in the settings. Requests name an installation and never an address, so no request can make the app call another
/// address.
/// </summary>
public sealed class PushTargets(IOptions<ExchangeOptions> options)
{
    private readonly Lazy<IReadOnlyDictionary<string, PushTarget>> _targets =
        new(() => Read(options.Value.Targets, options.Value.TargetKeys));

    /// <exception cref="ServiceException"><see cref="ErrorCode.InvalidRequest"/>: no installation has this name.</exception>
    public PushTarget Get(string? name)
    {
        if (name is not null && _targets.Value.TryGetValue(name, out PushTarget? target))
        {
            return target;
        }

        string known = _targets.Value.Count == 0
            ? "The setting is empty."
            : $"It names {string.Join(", ", _targets.Value.Keys.Order(StringComparer.Ordinal).Select(one => $"'{one}'"))}.";
        throw new ServiceException(
            ErrorCode.InvalidRequest, $"'target' must name an installation in the setting Exchange__Targets. {known}");
    }

    /// <summary>Whether the settings can be read.</summary>
    internal static bool AreUsable(ExchangeOptions options)
    {
        try
        {
            Read(options.Targets, options.TargetKeys);
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static Dictionary<string, PushTarget> Read(string? targets, string? keys)
    {
        Dictionary<string, string> addresses = Pairs(targets);
        Dictionary<string, string> byName = Pairs(keys);
        return byName.Keys.All(addresses.ContainsKey)
            ? addresses.ToDictionary(
                pair => pair.Key, pair => new PushTarget(pair.Key, AddressOf(pair.Value), byName.GetValueOrDefault(pair.Key)),
                StringComparer.Ordinal)
            : throw new FormatException("A key has no target.");
    }

    private static Uri AddressOf(string text) =>
        Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out Uri? address)
        && address is { Query: "", Fragment: "", UserInfo: "" }
        && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback))
            ? address
            : throw new FormatException("An address is not an https address.");

    private static Dictionary<string, string> Pairs(string? setting)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string pair in (setting ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (pair.Split('=', 2, StringSplitOptions.TrimEntries) is not [{ Length: > 0 } name, { Length: > 0 } value]
                || !pairs.TryAdd(name, value))
            {
                throw new FormatException("It is not a list of <name>=<value>.");
            }
        }

        return pairs;
    }
}
