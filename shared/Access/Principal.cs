namespace Modeldrop.Access;

/// <summary>What kind of caller a principal is.</summary>
public enum PrincipalKind
{
    /// <summary>Somebody on this machine, while the installation has no keys.</summary>
    Local,

    /// <summary>An API key.</summary>
    Key,

    /// <summary>A person whom Entra ID or the platform vouches for.</summary>
    Person,

    /// <summary>A service principal or managed identity.</summary>
    Workload,
}

/// <summary>A role and the models that it is for.</summary>
public sealed record Grant(Role Role, Scope Scope);

/// <summary>Who calls, how that is known, and what it allows. Immutable.</summary>
/// <param name="Name">For the audit trail: a person's name, or the name of a key.</param>
/// <param name="Known">How the name is known: <c>key 3f2a…</c>, <c>token of https://login…</c>.</param>
public sealed record Principal(string Name, PrincipalKind Kind, string Known, IReadOnlyList<Grant> Grants)
{
    /// <summary>The key that it is, or that the session was opened with; null: none.</summary>
    public string? KeyId { get; init; }

    /// <summary>Whether one of the grants covers the model and has one of the permissions.</summary>
    /// <param name="anyOf">Any of these is enough.</param>
    /// <param name="model">Null: what is asked for belongs to no single model.</param>
    /// <param name="tagsOf">The tags of a model; null for one that is not known.</param>
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

    /// <summary>Whether one of its roles has one of the permissions, for whichever models.</summary>
    public bool MaySomewhere(Permissions anyOf) => Grants.Any(grant => (RoleTable.Of(grant.Role) & anyOf) != 0);
}
