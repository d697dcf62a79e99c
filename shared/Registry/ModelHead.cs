using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Modeldrop.Errors;
using Modeldrop.Names;

namespace Modeldrop.Registry;

/// <summary>The part of a version that routing and lists need.</summary>
/// <param name="BatchInvariant">Whether requests may be scored together; null: not known, so they may not.</param>
/// <param name="Late">How often companions came after the drop was taken.</param>
/// <param name="Failed">Whether it failed when it was validated again: it keeps serving, but gets no new traffic.</param>
public sealed record VersionEntry(
    [
        property: JsonPropertyName("version")] int Number, VersionStatus Status, string Digest, string ModelSha256,
        DateTimeOffset RegisteredAt,
    bool? BatchInvariant = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int Late = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Failed = false)
{
    /// <summary>Why it gets no alias and no share of the traffic; null: it may get them.</summary>
    [JsonIgnore]
    public string? Refusal => !Status.MayServe() ? $"is {Status} and may not serve"
        : Failed ? "failed its validation with the files that came late (see its report); "
            + "upload files that it passes with, or another model"
        : null;
}

/// <summary>The version that an alias points to, and since when.</summary>
public sealed record AliasEntry(int Version, DateTimeOffset Since);

/// <summary>A share of the traffic that goes to a version before it becomes champion.</summary>
/// <param name="Percent">1 to 100.</param>
/// <param name="Operation">The rollout that shifts the traffic; null if a person does it by hand.</param>
/// <param name="Since">When this share started.</param>
public sealed record TrafficSplit(int Version, int Percent, OperationId? Operation, DateTimeOffset Since);

/// <summary>A version that answers logged requests afterwards.</summary>
/// <param name="Percent">Percent of the logged requests, 1 to 100.</param>
/// <param name="From">Time of the first request that it answers.</param>
/// <param name="Since">When the shadow was set; its comparison starts then.</param>
public sealed record ShadowEntry(int Percent, DateTimeOffset From, DateTimeOffset Since);

/// <summary>The state of a registered model: the sum of its events.</summary>
/// <remarks>
/// Its row holds at least 5,000 versions (<see cref="RegistryStore.MaxHeadBytes"/>, about 110 bytes a version when packed). Data that grow
/// without a bound (events, files, lineage) are stored elsewhere.
/// </remarks>
public sealed record ModelHead
{
    public required ModelName Name { get; init; }

    /// <summary>Sequence number of the last event; 0 before the first.</summary>
    public long Sequence { get; init; }

    /// <summary>Time of the first event other than a rejected drop; the default value before that.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    public string Description { get; init; } = "";

    public ImmutableSortedDictionary<string, string> Tags { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    public bool Archived { get; init; }

    /// <summary>Version n is at index n - 1.</summary>
    public ImmutableArray<VersionEntry> Versions { get; init; } = [];

    public ImmutableSortedDictionary<string, AliasEntry> Aliases { get; init; } = ImmutableSortedDictionary<string, AliasEntry>.Empty;

    /// <summary>Null while the champion has all traffic.</summary>
    public TrafficSplit? Split { get; init; }

    /// <summary>Targets of successive roll backs, the next one last; at most the ten newest. See <see cref="ChampionHistory"/>.</summary>
    public ImmutableArray<int> Former { get; init; } = [];

    /// <summary>Shadows by version.</summary>
    public ImmutableSortedDictionary<int, ShadowEntry> Shadows { get; init; } = ImmutableSortedDictionary<int, ShadowEntry>.Empty;

    /// <summary>False while there have only been rejected drops under this name: such a head only counts events.</summary>
    [JsonIgnore]
    public bool Exists => CreatedAt != default;

    /// <summary>Why the model refuses drops, uploads, aliases, traffic shares and shadows; null unless it is archived.</summary>
    [JsonIgnore]
    public string? Refusal => Archived
        ? $"Model '{Name}' is archived; restore it first: PATCH /api/models/{Name} with {{\"archived\": false}}."
        : null;

    /// <exception cref="ServiceException"><see cref="ErrorCode.VersionNotReady"/> when the model is archived.</exception>
    public void CheckNotArchived()
    {
        if (Refusal is { } refusal)
        {
            throw new ServiceException(ErrorCode.VersionNotReady, refusal);
        }
    }

    public static ModelHead Empty(ModelName name) => new() { Name = name };

    public VersionEntry? FindVersion(int version) => version >= 1 && version <= Versions.Length ? Versions[version - 1] : null;

    public VersionEntry? FindAlias(AliasName alias) =>
        Aliases.TryGetValue(alias.Value, out AliasEntry? entry) ? FindVersion(entry.Version) : null;

    /// <summary>Returns the state after one more event. Pure: the same events in order give the same head on every machine.</summary>
    public ModelHead Apply(RegistryEvent registryEvent)
    {
        ModelHead next = registryEvent switch
        {
            VersionRegistered e => this with
            {
                Versions = Versions.Add(new VersionEntry(e.Version, VersionStatus.Registered, e.Digest, e.ModelSha256, e.At)),
                Description = e.Description ?? Description,
                Tags = TagsAfter(e.Tags),
            },
            VersionStatusChanged e => Change(e.Version, entry => entry with { Status = e.To }),
            VersionCompleted e => Change(e.Version, entry => entry with { Late = entry.Late + 1 }),
            VersionRevalidated e => Change(e.Version, entry => entry with { Failed = e.Reasons.Count > 0 }),
            AliasMoved e =>
                this with { Aliases = Aliases.SetItem(e.Alias, new AliasEntry(e.To, e.At)), Former = ChampionHistory.FormerAfter(this, e) },
            AliasDeleted e => this with { Aliases = Aliases.Remove(e.Alias), Former = ChampionHistory.FormerAfter(this, e) },
            TrafficShifted e =>
                this with { Split = e.Percent == 0 ? null : new TrafficSplit(e.Version, e.Percent, e.Actor.Operation, e.At) },
            VersionProven e => Change(e.Version, entry => entry with { BatchInvariant = e.BatchInvariant }),
            ShadowSet { Percent: 0 } e => this with { Shadows = Shadows.Remove(e.Version) },
            ShadowSet e => this with { Shadows = Shadows.SetItem(e.Version, new ShadowEntry(e.Percent, e.From ?? e.At, e.At)) },
            ModelDescribed e => this with
            {
                Description = e.Description ?? Description,
                Tags = TagsAfter(e.Tags),
            },
            ModelArchived e => this with { Archived = e.Archived },
            DropRejected => this,
            _ => throw new ArgumentException($"{registryEvent.GetType().Name} is not an event of the registry.", nameof(registryEvent)),
        };

        return next with
        {
            Sequence = registryEvent.Sequence,
            CreatedAt = Exists || registryEvent is DropRejected ? CreatedAt : registryEvent.At,
            UpdatedAt = registryEvent.At,
        };
    }

    private ModelHead Change(int version, Func<VersionEntry, VersionEntry> change) =>
        this with { Versions = Versions.SetItem(version - 1, change(Versions[version - 1])) };

    private ImmutableSortedDictionary<string, string> TagsAfter(IReadOnlyDictionary<string, string>? tags) =>
        tags is null ? Tags : tags.ToImmutableSortedDictionary(StringComparer.Ordinal);
}
