namespace Modeldrop.Access;

/// <summary>The kind of a caller.</summary>
public enum PrincipalKind
{
    /// <summary>Any caller on this machine, while the installation has no keys.</summary>
    Local,

    /// <summary>An API key.</summary>
    Key,

    /// <summary>A person whom Entra ID or the platform has authenticated.</summary>
    Person,

    /// <summary>A service principal or managed identity.</summary>
    Workload,
}

/// <summary>A role and the models to which it applies.</summary>
public sealed record Grant(Role Role, Scope Scope);

/// <summary>A caller: the name, how it is known, and what it may do. Immutable.</summary>
/// <param name="Name">The name in the audit trail: a person's or a key's.</param>
/// <param name="Known">How the name is known: <c>key 3f2a…</c>, <c>token of https://login…</c>.</param>
public sealed record Principal(string Name, PrincipalKind Kind, string Known, IReadOnlyList<Grant> Grants)
{
    /// <summary>Id of the key, or of the key that opened the session; null: none.</summary>
    public string? KeyId { get; init; }

    /// <summary>Whether one of the grants covers the model and includes one of the permissions.</summary>
    /// <param name="anyOf">Permissions of which one is enough.</param>
    /// <param name="model">Null: the request concerns no single model.</param>
    /// <param name="tagsOf">Returns the tags of a model; null for an unknown one.</param>
    public bool May(Permissions anyOf, string? model, Func<string, IReadOnlyDictionary<string, string>?> tagsOf)
    {
        for (int i = 0; i < Grants.Count; i++)
        {
            if ((RoleTable.Of(Grants[i].Role) & anyOf) != 0 && Grants[i].Scope.Covers(model, tagsOf))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether one of its roles has one of the permissions, for any models.</summary>
    public bool MaySomewhere(Permissions anyOf) => Grants.Any(grant => (RoleTable.Of(grant.Role) & anyOf) != 0);
}
