namespace Modeldrop.Access;

/// <summary>The grants for the app roles and groups of a token. Immutable.</summary>
public sealed class GrantMap
{
    private readonly Dictionary<string, List<Grant>> _grants = new(StringComparer.OrdinalIgnoreCase);

    private GrantMap()
    {
    }

    /// <summary>Reads <c>&lt;app role or group id&gt;=&lt;role&gt; [&lt;scope&gt; …]; …</c>.</summary>
    /// <param name="violations">Receives the violations.</param>
    public static GrantMap Parse(string text, ICollection<string> violations)
    {
        var map = new GrantMap();
        foreach (string entry in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            int equals = entry.IndexOf('=', StringComparison.Ordinal);
            string[] words = entry[(equals + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (equals <= 0 || words is not [var name, .. var scope] || RoleTable.Find(name) is not { } role)
            {
                violations.Add(
                    $"'{entry}' must be '<app role or group id>=<role>', optionally followed by 'model:<name>' or 'tag:<name>=<value>'.");
                continue;
            }

            string claim = entry[..equals].Trim();
            map._grants.TryAdd(claim, []);
            map._grants[claim].Add(new Grant(role, Scope.Parse(scope, violations)));
        }

        return map;
    }

    /// <summary>
    /// Returns the grants for app roles and groups. An app role with the name of one of the app's roles grants that role, unless the map
    /// says otherwise.
    /// </summary>
    public IReadOnlyList<Grant> Of(IEnumerable<string> appRoles, IEnumerable<string> groups) =>
    [
        .. appRoles.SelectMany(role => _grants.TryGetValue(role, out List<Grant>? grants) ? grants
            : RoleTable.Find(role) is { } own ? [new Grant(own, Scope.All)] : []),
        .. groups.SelectMany(group => _grants.GetValueOrDefault(group) ?? []),
    ];
}
