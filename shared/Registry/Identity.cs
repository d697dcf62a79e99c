namespace Modeldrop.Registry;

/// <summary>Who did something, and how that is known.</summary>
/// <param name="Kind"><c>key</c>, <c>person</c>, <c>workload</c> or <c>local</c>; null: the app itself, or a drop by blob.</param>
/// <param name="Known">How: a key's id, the issuer of a token, a session; null as before.</param>
public sealed record Identity(string Name, string? Kind = null, string? Known = null)
{
    /// <summary>Of somebody whom the app tells from nobody else: anybody on this machine, while there are no keys.</summary>
    public const string LocalKind = "local";

    private const string Session = "session of ";

    public static implicit operator Identity(string name) => new(name);

    /// <summary>Whether both are one: the same name, or known in the same way. Rather one too many than one too few.</summary>
    public bool IsSameAs(Identity other) =>
        Name.Equals(other.Name, StringComparison.OrdinalIgnoreCase) || (Known is not null && Source(Known) == Source(other.Known ?? ""));

    public override string ToString() => Name;

    private static string Source(string known) => known.StartsWith(Session, StringComparison.Ordinal) ? known[Session.Length..] : known;
}
