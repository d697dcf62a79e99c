using Modeldrop.Metrics;

namespace Modeldrop.Monitoring.Performance;

/// <summary>A metric and where it lies with 95 %, given these rows; without bounds where a resample has too few of a kind.</summary>
/// <param name="Evidence">What the bounds follow from; null without bounds, and of an estimate.</param>
public sealed record MetricValue(double Value, double? Low, double? High, MetricEvidence? Evidence = null);

/// <summary>What is expected where the truth is not known (<see cref="PerformanceEstimate"/>).</summary>
/// <param name="Rows">All of the window that are in memory, labelled or not.</param>
/// <param name="Withdrawn">Why it is not to be believed; null when nothing speaks against it.</param>
public sealed record EstimatedPerformance(int Rows, IReadOnlyDictionary<string, MetricValue> Metrics, string? Withdrawn);

/// <summary>The rows of a window with one value of a categorical input.</summary>
public sealed record PerformanceSlice(string Value, int Labelled, IReadOnlyDictionary<string, MetricValue> Metrics);

/// <summary>How right a version was in a window of event time.</summary>
/// <param name="To">Not part of it.</param>
/// <param name="Rows">That the version answered and the log has.</param>
/// <param name="Labelled">Of <paramref name="Rows"/>: with a label.</param>
/// <param name="Metrics">By name, as a manifest and a validation report call them.</param>
/// <param name="Notes">How outputs and labels were read, and why a metric is missing.</param>
/// <param name="Estimated">Null for what is no classifier, or was validated without labels.</param>
/// <param name="Slices">By the asked input, the most frequent values first; null: not asked for.</param>
public sealed record WindowPerformance(
    int Version,
    DateTimeOffset From,
    DateTimeOffset To,
    int Rows,
    int Labelled,
    IReadOnlyDictionary<string, MetricValue> Metrics,
    IReadOnlyList<string> Notes,
    EstimatedPerformance? Estimated,
    IReadOnlyList<PerformanceSlice>? Slices);

/// <summary>How right a model was, by window and version.</summary>
/// <param name="AsOf">What was known at that instant; null: now.</param>
/// <param name="Windows">By time, then by version; those without a row are left out.</param>
/// <param name="Transactions">Storage transactions that it took.</param>
public sealed record PerformanceReport(
    string Model, DateTimeOffset From, DateTimeOffset To, DateTimeOffset? AsOf, IReadOnlyList<WindowPerformance> Windows, long Transactions);

/// <summary>What is asked for.</summary>
/// <param name="Version">Null: all that have answered.</param>
/// <param name="To">Not part of it.</param>
/// <param name="Window">Length of one window, from <paramref name="From"/> on; null: one window.</param>
/// <param name="Slice">A categorical input; null: no slices.</param>
/// <param name="AsOf">Labels that came later do not count; null: all.</param>
public sealed record PerformanceQuery(int? Version, DateTimeOffset From, DateTimeOffset To, TimeSpan? Window = null, string? Slice = null, DateTimeOffset? AsOf = null);
