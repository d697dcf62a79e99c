using Modeldrop.Lifecycle.Validation;
using Modeldrop.Monitoring.Alerts;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Registry;

namespace Modeldrop.Site.Models;

/// <summary>Filters of the list of models.</summary>
public enum ModelFilter
{
    All,

    /// <summary>Models with a champion.</summary>
    Serving,

    /// <summary>Models with a share of the traffic for another version.</summary>
    RollingOut,

    /// <summary>Models whose serving version showed drift in its last check.</summary>
    Drifted,

    /// <summary>Models with an alert whose condition still holds.</summary>
    Alerting,

    /// <summary>Models that serve nothing.</summary>
    Idle,

    Archived,
}

/// <summary>A query for the list of models.</summary>
/// <param name="Search">Part of the name or of the description; null: all.</param>
/// <param name="Tag"><c>key</c> or <c>key=value</c>; null: all.</param>
/// <param name="Page">Counted from 1.</param>
public sealed record ModelListQuery(string? Search = null, string? Tag = null, ModelFilter Filter = ModelFilter.All, int Page = 1);

/// <summary>A page of the models.</summary>
/// <param name="Total">Number of models that match the query.</param>
/// <param name="IsEmpty">Whether the reader may see no model at all.</param>
/// <param name="Tags">All tags of the models, as <c>key=value</c>.</param>
/// <param name="Page">Counted from 1, of <paramref name="Pages"/>.</param>
public sealed record ModelListView(
    IReadOnlyList<ModelRow> Models, ModelListQuery Query, int Total, bool IsEmpty, IReadOnlyList<string> Tags, int Page, int Pages)
{
    /// <summary>The last drops, newest first; empty if they are not shown.</summary>
    public IReadOnlyList<RecentDrop> Drops { get; init; } = [];
}

/// <param name="Drift">The newest check of the serving version; null before the first.</param>
/// <param name="Raised">Conditions of the serving version that hold now.</param>
/// <param name="Traffic">The last 24 hours, by hour; null: nothing serves.</param>
/// <param name="Last">The last event; null: it could not be found.</param>
public sealed record ModelRow(
    ModelHead Head, DriftHeadline? Drift, IReadOnlyList<RaisedCondition> Raised, DayTraffic? Traffic, RegistryEvent? Last);

/// <summary>Requests of the last 24 hours, by hour.</summary>
/// <param name="Requests">Logged requests, by their event time.</param>
/// <param name="Failures">Requests that failed for reasons other than their content, by the time of receipt.</param>
public sealed record DayTraffic(IReadOnlyList<long> Requests, IReadOnlyList<long> Failures);

/// <summary>A model in detail.</summary>
/// <param name="Versions">A page of versions, newest first.</param>
/// <param name="Events">The last events, newest first.</param>
/// <param name="Serving">The champion's record; null: nothing serves.</param>
/// <param name="Drift">The newest check of the serving version; null before the first.</param>
/// <param name="Drill">Null: nothing serves.</param>
/// <param name="Card">The serving version's model card as safe HTML; null if there is none.</param>
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

    /// <summary>Counts of the champion's requests in the last 24 hours; null: nothing serves.</summary>
    public IReadOnlyList<HourRow>? Hours { get; init; }

    /// <summary>Example values for a request to the champion; null: nothing serves.</summary>
    public ModelExample? Example { get; init; }

    /// <summary>Versions of other models that came from the champion's data set.</summary>
    public IReadOnlyList<DatasetUse> Relatives { get; init; } = [];

    public required DateTimeOffset At { get; init; }

    /// <summary>Address of the app for examples: <c>https://host</c>.</summary>
    public required string Address { get; init; }
}

/// <summary>A version with the results of its validation.</summary>
/// <param name="Report">Null before the validation.</param>
public sealed record VersionRow(VersionEntry Entry, ModelVersion Record, ValidationReport? Report);

/// <summary>Whether monitoring of the serving version has been tested by a fire drill.</summary>
/// <param name="RollsBack">Whether its manifest lets monitoring roll it back.</param>
/// <param name="RanAt">Null: there was no drill.</param>
public sealed record DrillSummary(bool RollsBack, DateTimeOffset? RanAt, string? Summary);
