namespace Modeldrop.Registry;

/// <summary>Who did something, and how the app knows it.</summary>
/// <param name="Kind"><c>key</c>, <c>person</c>, <c>workload</c> or <c>local</c>; null: the app itself, or a drop by blob.</param>
/// <param name="Known">How the app knows it: a key's id, a token's issuer, a session; null where the kind is null.</param>
public sealed record Identity(string Name, string? Kind = null, string? Known = null)
{
    /// <summary>Kind of an anonymous local user: anybody on this machine while there are no keys.</summary>
    public const string LocalKind = "local";

    private const string Session = "session of ";

    public static implicit operator Identity(string name) => new(name);

    /// <summary>Whether both are the same person: the same name, or known in the same way. In doubt, they count as the same.</summary>
    public bool IsSameAs(Identity other) =>
        Name.Equals(other.Name, StringComparison.OrdinalIgnoreCase) || (Known is not null && Source(Known) == Source(other.Known ?? ""));

    public override string ToString() => Name;

    private static string Source(string known) => known.StartsWith(Session, StringComparison.Ordinal) ? known[Session.Length..] : known;
}
