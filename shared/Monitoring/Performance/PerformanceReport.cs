using Modeldrop.Manifests;
using Modeldrop.Metrics;
using Modeldrop.Metrics.Estimation;
using Modeldrop.Names;

namespace Modeldrop.Monitoring.Performance;

/// <summary>A metric and where it lies with 95 %, given these rows; without bounds where a resample has too few of a kind.</summary>
/// <param name="Evidence">What the bounds follow from; null without bounds, and of an estimate.</param>
public sealed record MetricValue(double Value, double? Low, double? High, MetricEvidence? Evidence = null);

/// <summary>What is expected where the truth is not known (<see cref="PerformanceEstimate"/>).</summary>
/// <param name="Rows">All of the window that are in memory, labelled or not.</param>
/// <param name="Withdrawn">Why it is not to be believed; null when nothing speaks against it.</param>
/// <param name="Verdict">What the labels of this window say of it; null: too few of them.</param>
public sealed record EstimatedPerformance(
    int Rows, IReadOnlyDictionary<string, MetricValue> Metrics, string? Withdrawn, EstimateVerdict? Verdict = null);

/// <summary>How right a version was in a window of event time.</summary>
/// <param name="To">Not part of it.</param>
/// <param name="Rows">That the version answered and the log has.</param>
/// <param name="Labelled">Of <paramref name="Rows"/>: with a label.</param>
/// <param name="Metrics">By name, as a manifest and a validation report call them.</param>
/// <param name="Notes">How outputs and labels were read, and why a metric is missing.</param>
/// <param name="Changes">One of each <see cref="ChangeKind"/>.</param>
/// <param name="Estimated">Null where nothing can be estimated; a note says why.</param>
/// <param name="Slices">Null: not asked for, and none in the manifest or more than one window.</param>
/// <param name="Figures">Of the newest window of a version that has labels, where it is a classifier.</param>
public sealed record WindowPerformance(
    int Version,
    DateTimeOffset From,
    DateTimeOffset To,
    int Rows,
    int Labelled,
    IReadOnlyDictionary<string, MetricValue> Metrics,
    IReadOnlyList<string> Notes,
    IReadOnlyList<WindowChange> Changes,
    EstimatedPerformance? Estimated,
    IReadOnlyList<SliceReport>? Slices,
    ClassifierFigures? Figures = null);

/// <summary>What a version's windows are compared with.</summary>
/// <param name="ValidationRows">With a label; 0: it was validated without.</param>
/// <param name="Validation">The metrics on them.</param>
/// <param name="Bounds">Of the manifest, by metric.</param>
/// <param name="Figures">Of a classifier on its validation data.</param>
/// <param name="Judged">Windows that the hourly check has judged, by time.</param>
public sealed record VersionBaseline(
    int Version,
    int ValidationRows,
    IReadOnlyDictionary<string, MetricValue> Validation,
    IReadOnlyDictionary<string, MetricBounds> Bounds,
    ClassifierFigures? Figures,
    IReadOnlyList<JudgedWindow> Judged);

/// <summary>How right a model was, by window and version.</summary>
/// <param name="AsOf">What was known at that instant; null: now.</param>
/// <param name="Windows">By time, then by version; those without a row are left out.</param>
/// <param name="Versions">Of the windows.</param>
/// <param name="Significance">
/// The chance that a kind of drift is named in four weeks without one, over all windows and kinds that labels and answers show; and that
/// any slice of a window is called worse.
/// </param>
/// <param name="Transactions">Storage transactions that it took.</param>
public sealed record PerformanceReport(
    ModelName Model,
    DateTimeOffset From,
    DateTimeOffset To,
    DateTimeOffset? AsOf,
    IReadOnlyList<WindowPerformance> Windows,
    IReadOnlyList<VersionBaseline> Versions,
    double Significance,
    long Transactions);

/// <summary>What is asked for.</summary>
/// <param name="Version">Null: all that have answered.</param>
/// <param name="To">Not part of it.</param>
/// <param name="Window">Length of one window, from <paramref name="From"/> on; null: one window.</param>
/// <param name="Slice">One or two inputs; null: the manifest's slices where there is one window, else none.</param>
/// <param name="AsOf">Labels that came later do not count; null: all.</param>
public sealed record PerformanceQuery(
    int? Version,
    DateTimeOffset From,
    DateTimeOffset To,
    TimeSpan? Window = null,
    IReadOnlyList<string>? Slice = null,
    DateTimeOffset? AsOf = null)
{
    /// <summary>Share of labels that are made wrong before anything is measured; for drills.</summary>
    internal double WrongLabels { get; init; }
}
