using Modeldrop.Monitoring.Drift;
using Modeldrop.Registry;

namespace Modeldrop.Catalogue;

/// <summary>What the page shows.</summary>
/// <param name="Models">Models that are not archived, by name, a page of them.</param>
/// <param name="Selected">The model whose details are open; null in the list.</param>
/// <param name="Page">Counted from 1, of <paramref name="Pages"/>.</param>
public sealed record CatalogueView(IReadOnlyList<ModelRow> Models, ModelDetails? Selected, DateTimeOffset At, int Page = 1, int Pages = 1)
{
    /// <summary>The last few, newest first; empty where they are not shown.</summary>
    public IReadOnlyList<RecentDrop> Drops { get; init; } = [];

    /// <summary>A name that was asked for and has only refused drops; null: none.</summary>
    public RefusedModel? Refused { get; init; }
}

/// <param name="Drift">The newest check of what serves; null before the first.</param>
public sealed record ModelRow(ModelHead Head, DriftHeadline? Drift);

/// <param name="Versions">Newest first.</param>
/// <param name="Events">Newest first, the last few.</param>
/// <param name="Drill">Null: nothing serves.</param>
/// <param name="Card">The serving version's model card, as written; null when there is none.</param>
public sealed record ModelDetails(
    ModelHead Head, IReadOnlyList<ModelVersion> Versions, IReadOnlyList<RegistryEvent> Events, DriftSummary? Drift, DrillSummary? Drill,
    string? Card);

/// <summary>Whether what monitoring would do to the serving version has been tried.</summary>
/// <param name="RollsBack">Its manifest lets monitoring roll it back.</param>
/// <param name="RanAt">Null: there was no drill.</param>
public sealed record DrillSummary(bool RollsBack, DateTimeOffset? RanAt, string? Summary);

/// <summary>The outcome of a drift check in the page's terms.</summary>
/// <param name="Version">The version whose traffic was checked.</param>
/// <param name="Rows">Scored rows in the window.</param>
/// <param name="HasVerdict">Whether there was enough to compare; without it, nothing found means nothing.</param>
public sealed record DriftSummary(
    int Version, DateTimeOffset From, DateTimeOffset To, long Rows, DateTimeOffset CheckedAt, bool HasVerdict, string Summary,
    IReadOnlyList<DriftFeatureSummary> Features)
{
    public int Drifted => Features.Count(feature => feature.Drifted);
}

/// <param name="Verdict">In words: <c>drifted</c>, <c>stable</c>, <c>no verdict</c>.</param>
/// <param name="Why">Why there is no verdict; null when there is one.</param>
public sealed record DriftFeatureSummary(string Name, string Verdict, string? Why, bool Drifted, double? Psi, double? JensenShannon);
