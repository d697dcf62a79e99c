using Modeldrop.Manifests;
using Modeldrop.Metrics;
using Modeldrop.Metrics.Estimation;
using Modeldrop.Names;

namespace Modeldrop.Monitoring.Performance;

/// <summary>A metric with its 95 % interval, given these rows. It has no bounds when a resample has too few rows of a kind.</summary>
/// <param name="Evidence">What the bounds are computed from; null without bounds, and for an estimate.</param>
public sealed record MetricValue(double Value, double? Low, double? High, MetricEvidence? Evidence = null);

/// <summary>The expected performance where the truth is unknown (<see cref="PerformanceEstimate"/>).</summary>
/// <param name="Rows">All rows of the window in memory, labelled or not.</param>
/// <param name="Withdrawn">Why the estimate is not trusted; null when it is.</param>
/// <param name="Verdict">What the labels of this window show about the estimate; null: there are too few.</param>
public sealed record EstimatedPerformance(
    int Rows, IReadOnlyDictionary<string, MetricValue> Metrics, string? Withdrawn, EstimateVerdict? Verdict = null);

/// <summary>How well a version performed in a window of event time.</summary>
/// <param name="To">Exclusive.</param>
/// <param name="Rows">Rows that the version answered and the log contains.</param>
/// <param name="Labelled">Those of <paramref name="Rows"/> with a label.</param>
/// <param name="Metrics">By the name that manifests and validation reports use.</param>
/// <param name="Notes">How outputs and labels were read, and why a metric is missing.</param>
/// <param name="Changes">One of each <see cref="ChangeKind"/>.</param>
/// <param name="Estimated">Null when nothing can be estimated; a note gives the reason.</param>
/// <param name="Slices">Null: not requested, and the manifest has no slices or there is more than one window.</param>
/// <param name="Figures">Only for a classifier, in the newest window of a version that has labels.</param>
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

/// <summary>The figures that a version's windows are compared with.</summary>
/// <param name="ValidationRows">Labelled rows; 0: the version was validated without labels.</param>
/// <param name="Validation">The metrics of these rows.</param>
/// <param name="Bounds">The manifest's bounds, by metric.</param>
/// <param name="Figures">A classifier's figures on its validation data.</param>
/// <param name="Judged">Windows that the hourly check has evaluated, in order of time.</param>
public sealed record VersionBaseline(
    int Version,
    int ValidationRows,
    IReadOnlyDictionary<string, MetricValue> Validation,
    IReadOnlyDictionary<string, MetricBounds> Bounds,
    ClassifierFigures? Figures,
    IReadOnlyList<JudgedWindow> Judged);

/// <summary>How well a model performed, by window and version.</summary>
/// <param name="AsOf">The report shows what was known at that instant; null: now.</param>
/// <param name="Windows">By time, then by version; windows without rows are left out.</param>
/// <param name="Versions">The versions that the windows mention.</param>
/// <param name="Significance">
/// The chance that a kind of drift is reported within four weeks although there is none, over all windows and kinds that depend on labels
/// and answers. Also the chance that any slice of a window is reported as worse.
/// </param>
/// <param name="Transactions">Number of storage transactions.</param>
public sealed record PerformanceReport(
    ModelName Model,
    DateTimeOffset From,
    DateTimeOffset To,
    DateTimeOffset? AsOf,
    IReadOnlyList<WindowPerformance> Windows,
    IReadOnlyList<VersionBaseline> Versions,
    double Significance,
    long Transactions);

/// <summary>The request for a performance report.</summary>
/// <param name="Version">Null: all versions that answered.</param>
/// <param name="To">Exclusive.</param>
/// <param name="Window">Length of each window, starting at <paramref name="From"/>; null: one window.</param>
/// <param name="Slice">One or two inputs; null: the manifest's slices if there is one window, otherwise none.</param>
/// <param name="AsOf">Later labels do not count; null: all labels count.</param>
public sealed record PerformanceQuery(
    int? Version,
    DateTimeOffset From,
    DateTimeOffset To,
    TimeSpan? Window = null,
    IReadOnlyList<string>? Slice = null,
    DateTimeOffset? AsOf = null)
{
    /// <summary>Share of labels that are falsified before measuring; for drills.</summary>
    internal double WrongLabels { get; init; }
}
