using System.Collections.Immutable;
using Modeldrop.Names;
using Modeldrop.Tracking.Runs;

namespace Modeldrop.Tracking.Models;

/// <summary>Notes of MLflow's client on a version; the version itself never changes.</summary>
public sealed record VersionNotes
{
    public static readonly VersionNotes None = new();

    /// <summary>The source, as the client sent it.</summary>
    public string? Source { get; init; }

    public string? RunId { get; init; }

    public string? RunLink { get; init; }

    /// <summary>The logged model that it was registered from.</summary>
    public string? ModelId { get; init; }

    public string? Description { get; init; }

    public string? User { get; init; }

    /// <summary>Milliseconds since 1970; 0: never.</summary>
    public long UpdatedAt { get; init; }

    public ImmutableSortedDictionary<string, string> Tags { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}

/// <summary>Stores <see cref="VersionNotes"/>.</summary>
public sealed class VersionNotesStore(TrackingStore store, TimeProvider clock)
{
    private sealed record Row(int Version, VersionNotes Notes);

    public async Task<VersionNotes> GetAsync(VersionName version, CancellationToken cancellationToken) =>
        (await store.FindAsync<Row>(TrackingKey.Version(version), cancellationToken))?.Notes ?? VersionNotes.None;

    /// <summary>The notes on a model's versions, by number. One request.</summary>
    public async Task<IReadOnlyDictionary<int, VersionNotes>> ListAsync(ModelName model, CancellationToken cancellationToken) =>
        await store.ListAsync<Row>(TrackingKey.VersionsOf(model), null, null, cancellationToken)
            .ToDictionaryAsync(row => row.Version, row => row.Notes, cancellationToken: cancellationToken);

    /// <param name="change">Pure and idempotent.</param>
    public async Task<VersionNotes> ChangeAsync(
        VersionName version, Func<VersionNotes, VersionNotes> change, CancellationToken cancellationToken) =>
        (await store.ChangeAsync<Row>(
            TrackingKey.Version(version),
            row => row with { Notes = change(row.Notes) with { UpdatedAt = clock.GetUtcNow().ToUnixTimeMilliseconds() } },
            cancellationToken,
            () => new Row(version.Number, VersionNotes.None))).Notes;
}
