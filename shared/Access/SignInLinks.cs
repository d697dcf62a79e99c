using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Modeldrop.Access;

/// <summary>One-time links that sign the browser of this machine in, for a person who reads the console. In memory. Thread-safe.</summary>
public sealed class SignInLinks(TimeProvider clock)
{
    private static readonly TimeSpan Lasts = TimeSpan.FromHours(1);

    private static readonly Principal Local = new(
        "local", PrincipalKind.Local, "the console's one-time link", [new Grant(Role.Owner, Scope.All)]);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _open = new(StringComparer.Ordinal);

    /// <summary>Creates a link that is valid for an hour.</summary>
    public string Make()
    {
        string code = RandomNumberGenerator.GetHexString(32, lowercase: true);
        _open[code] = clock.GetUtcNow() + Lasts;
        return code;
    }

    /// <summary>Redeems a link. Null if it does not exist, has been used before, or has expired.</summary>
    public Principal? Take(string code) => _open.TryRemove(code, out DateTimeOffset ends) && ends > clock.GetUtcNow() ? Local : null;
}
