using Modeldrop.Metrics;

namespace Modeldrop.Monitoring.Performance;

/// <summary>The rows of a window that share one value of an input, or of two inputs.</summary>
/// <param name="Values">Values of the inputs, in their order.</param>
/// <param name="Metrics">Each with 95 % bounds.</param>
/// <param name="Worse">
/// Metrics that are worse than on the other rows, by more than the tolerance. All slices, values and metrics of the window share the
/// report's chance of a false alarm.
/// </param>
public sealed record PerformanceSlice(
    IReadOnlyList<string> Values, int Rows, int Labelled, IReadOnlyDictionary<string, MetricValue> Metrics, IReadOnlyList<string> Worse);

/// <summary>
/// How differently a two-class classifier treats the groups. The bounds hold for all groups and the three rates together.
/// </summary>
/// <param name="Positive">The class that counts as positive.</param>
/// <param name="SelectionRate">Share of rows that are predicted positive; null when fewer than two groups have ten rows.</param>
/// <param name="TruePositiveRate">The same share among the rows that are positive.</param>
/// <param name="FalsePositiveRate">The same share among the rows that are not positive.</param>
public sealed record GroupGaps(string Positive, RateGap? SelectionRate, RateGap? TruePositiveRate, RateGap? FalsePositiveRate);

/// <summary>A window, split by the values of one or two inputs.</summary>
/// <param name="Groups">Most frequent values first.</param>
/// <param name="More">Number of further values, which are left out.</param>
/// <param name="Gaps">Null unless the model is a two-class classifier.</param>
/// <param name="Problem">Why there are no groups; null when there are.</param>
public sealed record SliceReport(
    IReadOnlyList<string> Inputs, IReadOnlyList<PerformanceSlice> Groups, int More, GroupGaps? Gaps, string? Problem = null);
