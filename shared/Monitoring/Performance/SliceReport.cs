using Modeldrop.Metrics;

namespace Modeldrop.Monitoring.Performance;

/// <summary>The rows of a window with one value of an input, or of two.</summary>
/// <param name="Values">Of the inputs, in their order.</param>
/// <param name="Metrics">With bounds at 95 % each.</param>
/// <param name="Worse">
/// Metrics that are worse than on the other rows, by more than what does not matter; all slices, values and metrics of the window share
/// the report's chance of a false alarm.
/// </param>
public sealed record PerformanceSlice(
    IReadOnlyList<string> Values, int Rows, int Labelled, IReadOnlyDictionary<string, MetricValue> Metrics, IReadOnlyList<string> Worse);

/// <summary>
/// How differently a classifier of two classes treats the groups; bounds hold for all groups and the three rates together.
/// </summary>
/// <param name="Positive">The class that is meant.</param>
/// <param name="SelectionRate">Share of rows that are answered with it; null where fewer than two groups have ten rows.</param>
/// <param name="TruePositiveRate">Of the rows that are of it.</param>
/// <param name="FalsePositiveRate">Of the rows that are not.</param>
public sealed record GroupGaps(string Positive, RateGap? SelectionRate, RateGap? TruePositiveRate, RateGap? FalsePositiveRate);

/// <summary>A window by the values of one input, or of two.</summary>
/// <param name="Groups">The most frequent values first.</param>
/// <param name="More">Further values, which are left out.</param>
/// <param name="Gaps">Null unless the model is a classifier of two classes.</param>
/// <param name="Problem">Why there are no groups; null when there are.</param>
public sealed record SliceReport(
    IReadOnlyList<string> Inputs, IReadOnlyList<PerformanceSlice> Groups, int More, GroupGaps? Gaps, string? Problem = null);
