using Modeldrop.Lifecycle.Validation;
using Modeldrop.Monitoring.Alerts;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Registry;

namespace Modeldrop.Site.Models;

/// <summary>Which models the list shows.</summary>
public enum ModelFilter
{
    All,

    /// <summary>A champion answers.</summary>
    Serving,

    /// <summary>A share of the traffic goes to another version.</summary>
    RollingOut,

    /// <summary>The last check of what serves has found drift.</summary>
    Drifted,

    /// <summary>A condition holds that was told.</summary>
    Alerting,

    /// <summary>Nothing answers.</summary>
    Idle,

    Archived,
}

/// <summary>What a reader asks the list for.</summary>
/// <param name="Search">A part of the name or of the description; null: all.</param>
/// <param name="Tag"><c>key</c> or <c>key=value</c>; null: all.</param>
/// <param name="Page">Counted from 1.</param>
public sealed record ModelListQuery(string? Search = null, string? Tag = null, ModelFilter Filter = ModelFilter.All, int Page = 1);

/// <summary>A page of the models.</summary>
/// <param name="Total">Models that fit the query.</param>
/// <param name="IsEmpty">Whether there is no model at all that the reader may see.</param>
/// <param name="Tags">All that models have, as <c>key=value</c>.</param>
/// <param name="Page">Counted from 1, of <paramref name="Pages"/>.</param>
public sealed record ModelListView(
    IReadOnlyList<ModelRow> Models, ModelListQuery Query, int Total, bool IsEmpty, IReadOnlyList<string> Tags, int Page, int Pages)
{
    /// <summary>The last few, newest first; empty where they are not shown.</summary>
    public IReadOnlyList<RecentDrop> Drops { get; init; } = [];
}

/// <param name="Drift">The newest check of what serves; null before the first.</param>
/// <param name="Raised">Conditions of what serves that hold now.</param>
/// <param name="Traffic">The last 24 hours, by hour; null: nothing serves.</param>
/// <param name="Last">What happened last; null: it could not be found.</param>
public sealed record ModelRow(
    ModelHead Head, DriftHeadline? Drift, IReadOnlyList<RaisedCondition> Raised, DayTraffic? Traffic, RegistryEvent? Last);

/// <summary>What came in the last 24 hours, by hour.</summary>
/// <param name="Requests">Logged ones, by their event time.</param>
/// <param name="Failures">Those that failed and not by what they asked for, by their receipt.</param>
public sealed record DayTraffic(IReadOnlyList<long> Requests, IReadOnlyList<long> Failures);

/// <summary>A model in detail.</summary>
/// <param name="Versions">Newest first, a page of them.</param>
/// <param name="Events">Newest first, the last few.</param>
/// <param name="Serving">The champion's record; null: nothing serves.</param>
/// <param name="Drift">The newest check of what serves; null before the first.</param>
/// <param name="Drill">Null: nothing serves.</param>
/// <param name="Card">The serving version's model card as safe HTML; null when there is none.</param>
public sealed record ModelView(
    ModelHead Head, IReadOnlyList<VersionRow> Versions, IReadOnlyList<RegistryEvent> Events, ModelVersion? Serving, DriftReport? Drift,
    DrillSummary? Drill, string? Card)
{
    /// <summary>Page of <see cref="Versions"/>, counted from 1, of <see cref="Pages"/>.</summary>
    public int Page { get; init; } = 1;

    public int Pages { get; init; } = 1;

    /// <summary>Conditions of any version that hold now.</summary>
    public IReadOnlyList<RaisedCondition> Raised { get; init; } = [];

    /// <summary>The last alerts, newest first.</summary>
    public IReadOnlyList<Alert> Alerts { get; init; } = [];

    /// <summary>The last drift checks, newest first.</summary>
    public IReadOnlyList<DriftVerdict> Checks { get; init; } = [];

    /// <summary>What the champion scored in the last 24 hours; null: nothing serves.</summary>
    public IReadOnlyList<HourRow>? Hours { get; init; }

    /// <summary>Values to try the champion with; null: nothing serves.</summary>
    public ModelExample? Example { get; init; }

    /// <summary>Versions of other models that came from the champion's data set.</summary>
    public IReadOnlyList<DatasetUse> Relatives { get; init; } = [];

    public required DateTimeOffset At { get; init; }

    /// <summary>Where the app is reached, for examples: <c>https://host</c>.</summary>
    public required string Address { get; init; }
}

/// <summary>A version with what its validation measured.</summary>
/// <param name="Report">Null before the validation.</param>
public sealed record VersionRow(VersionEntry Entry, ModelVersion Record, ValidationReport? Report);

/// <summary>Whether what monitoring would do to the serving version has been tried.</summary>
/// <param name="RollsBack">Its manifest lets monitoring roll it back.</param>
/// <param name="RanAt">Null: there was no drill.</param>
public sealed record DrillSummary(bool RollsBack, DateTimeOffset? RanAt, string? Summary);
