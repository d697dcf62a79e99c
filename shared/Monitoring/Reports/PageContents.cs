using Modeldrop.Monitoring.Drift;
using Modeldrop.Pages.Plots;

namespace Modeldrop.Monitoring.Reports;

/// <summary>The content of the page of a drift report.</summary>
/// <param name="History">Earlier reports of the version, newest first.</param>
/// <param name="Traffic">Rows per hour, by version.</param>
/// <param name="Joint">The latest comparison of all features together; null: there was none.</param>
public sealed record DriftPageContent(
    DriftReport Report, IReadOnlyList<DriftReport> History, IReadOnlyList<TimeSeries> Traffic, JointDriftReport? Joint);

/// <summary>The content of the page of one feature.</summary>
/// <param name="History">Reports of the version, including this one.</param>
/// <param name="OverTime">Quantiles or shares (<see cref="FeatureOverTime"/>).</param>
/// <param name="Bin">The bin to list requests for; null: none was requested.</param>
/// <param name="Requests">Null: no bin was requested, or the feature consists of several elements of a row.</param>
public sealed record FeaturePageContent(
    DriftReport Report, FeatureDrift Feature, IReadOnlyList<DriftReport> History, IReadOnlyList<TimeSeries> OverTime, string? Bin,
    BinRequestList? Requests);
