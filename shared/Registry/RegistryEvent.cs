using System.Text.Json.Serialization;
using Modeldrop.Names;

namespace Modeldrop.Registry;

/// <summary>Who did something, why, and as part of which operation.</summary>
/// <param name="Name">A person's name, or <c>system</c>.</param>
[method: JsonConstructor]
public sealed record Actor(string Name, string? Reason = null, OperationId? Operation = null)
{
    public static readonly Actor System = new("system");

    public Actor(Identity who, string? reason = null, OperationId? operation = null)
        : this(who.Name, reason, operation)
    {
        Kind = who.Kind;
        Known = who.Known;
    }

    /// <summary>See <see cref="Identity.Kind"/>.</summary>
    public string? Kind { get; init; }

    /// <summary>See <see cref="Identity.Known"/>.</summary>
    public string? Known { get; init; }

    [JsonIgnore]
    public Identity Who => new(Name, Kind, Known);
}

/// <summary>One event in the life of a model. The events in order are the truth; <see cref="ModelHead"/> is their sum.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(VersionRegistered), "versionRegistered")]
[JsonDerivedType(typeof(VersionStatusChanged), "versionStatusChanged")]
[JsonDerivedType(typeof(VersionCompleted), "versionCompleted")]
[JsonDerivedType(typeof(VersionRevalidated), "versionRevalidated")]
[JsonDerivedType(typeof(AliasMoved), "aliasMoved")]
[JsonDerivedType(typeof(AliasDeleted), "aliasDeleted")]
[JsonDerivedType(typeof(TrafficShifted), "trafficShifted")]
[JsonDerivedType(typeof(VersionProven), "versionProven")]
[JsonDerivedType(typeof(ShadowSet), "shadowSet")]
[JsonDerivedType(typeof(DropRejected), "dropRejected")]
[JsonDerivedType(typeof(ModelDescribed), "modelDescribed")]
[JsonDerivedType(typeof(ModelArchived), "modelArchived")]
public abstract record RegistryEvent
{
    /// <summary>Counted from 1 per model, without gaps; set by the store.</summary>
    public long Sequence { get; init; }

    /// <summary>Set by the store.</summary>
    public DateTimeOffset At { get; init; }

    public required Actor Actor { get; init; }
}

/// <summary>A drop has become a version.</summary>
/// <param name="Description">The model's new description, if it had none; null: it has one, or the manifest has none. The same holds for
/// <paramref name="Tags"/>.</param>
public sealed record VersionRegistered(
    int Version,
    string Digest,
    string ModelSha256,
    string? Description = null,
    IReadOnlyDictionary<string, string>? Tags = null) : RegistryEvent;

/// <summary>The status of a version has changed; <paramref name="Reasons"/> say why it was rejected.</summary>
public sealed record VersionStatusChanged(
    int Version, VersionStatus From, VersionStatus To, IReadOnlyList<string>? Reasons = null) : RegistryEvent;

/// <summary>Companions of a version have arrived after their drop was taken.</summary>
/// <param name="Files">Names of the files.</param>
public sealed record VersionCompleted(int Version, IReadOnlyList<string> Files) : RegistryEvent;

/// <summary>A version that is or was in use has been validated again.</summary>
/// <param name="Reasons">Why it failed; empty: it passed.</param>
public sealed record VersionRevalidated(int Version, IReadOnlyList<string> Reasons) : RegistryEvent;

/// <summary>An alias points to another version.</summary>
/// <param name="From">Null if the alias is new.</param>
/// <param name="RolledBack">Whether it went back to an earlier version because the present one was not good.</param>
public sealed record AliasMoved(string Alias, int? From, int To, bool RolledBack = false) : RegistryEvent;

public sealed record AliasDeleted(string Alias, int From) : RegistryEvent;

/// <summary>A share of the traffic that names neither version nor alias goes to a version other than the champion.</summary>
/// <param name="Percent">1 to 100; 0 ends the split.</param>
public sealed record TrafficShifted(int Version, int Percent) : RegistryEvent;

/// <summary>A result of validation that scoring needs to know.</summary>
/// <param name="BatchInvariant">Whether a row gets the same bits alone and in a batch.</param>
public sealed record VersionProven(int Version, bool BatchInvariant) : RegistryEvent;

/// <summary>A version answers logged requests afterwards, beside the champion. Setting it again restarts the comparison.</summary>
/// <param name="Percent">Percent of the logged requests, 1 to 100; 0 ends the shadow.</param>
/// <param name="From">Time of the first request that it answers; null: the time of the event.</param>
public sealed record ShadowSet(int Version, int Percent, DateTimeOffset? From = null) : RegistryEvent;

/// <summary>A drop could not become a version.</summary>
/// <param name="Path">Path in the drop container.</param>
public sealed record DropRejected(string Path, IReadOnlyList<string> Reasons) : RegistryEvent;

/// <summary>Description or tags have changed; null leaves one unchanged.</summary>
public sealed record ModelDescribed(string? Description, IReadOnlyDictionary<string, string>? Tags) : RegistryEvent;

public sealed record ModelArchived(bool Archived) : RegistryEvent;
