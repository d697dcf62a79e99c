using Modeldrop.Monitoring.Drift;
using Modeldrop.Pages.Plots;

namespace Modeldrop.Monitoring.Reports;

/// <summary>What the page of a drift report shows.</summary>
/// <param name="History">Earlier reports of the version, newest first.</param>
/// <param name="Traffic">Rows an hour, by version.</param>
/// <param name="Joint">The last comparison of all features together; null: there was none.</param>
public sealed record DriftPageContent(
    DriftReport Report, IReadOnlyList<DriftReport> History, IReadOnlyList<TimeSeries> Traffic, JointDriftReport? Joint);

/// <summary>What the page of one feature shows.</summary>
/// <param name="History">Reports of the version, this one among them.</param>
/// <param name="OverTime">Quantiles or shares (<see cref="FeatureOverTime"/>).</param>
/// <param name="Bin">Whose requests are listed; null: none was asked for.</param>
/// <param name="Requests">Null: none was asked for, or the feature is made of several elements of a row.</param>
public sealed record FeaturePageContent(
    DriftReport Report, FeatureDrift Feature, IReadOnlyList<DriftReport> History, IReadOnlyList<TimeSeries> OverTime, string? Bin,
    BinRequestList? Requests);
