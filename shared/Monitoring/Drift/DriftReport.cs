using System.Text.Json.Serialization;
using Modeldrop.Manifests;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Monitoring.Statistics;
using Modeldrop.Monitoring.Watch;
using Modeldrop.Names;

namespace Modeldrop.Monitoring.Drift;

public enum DriftStatus
{
    /// <summary>Compared; <see cref="DriftReport.Drifted"/> is a verdict.</summary>
    Checked,

    /// <summary>The version was registered without reference data: there are no bins, and nothing is compared.</summary>
    NoReference,

    /// <summary>The window has too few rows for a verdict; the statistics are given nevertheless.</summary>
    TooFewRows,
}

/// <summary>A statistic, and the smallest value that indicates drift.</summary>
/// <param name="Threshold">Null: the statistic takes no part in the verdict and has no customary threshold.</param>
/// <param name="Exceeded">Whether the value is at or above the threshold.</param>
public sealed record StatisticValue(string Name, double Value, double? Threshold, bool Exceeded)
{
    /// <summary>
    /// The noise limit for this number of values and bins: unchanged data exceeds it with the chance
    /// <see cref="DriftReport.Significance"/>. Null without a closed form.
    /// </summary>
    public double? NoiseLimit { get; init; }
}

/// <summary>A bin's counts on both sides.</summary>
public sealed record BinShift(string Bin, long Reference, long Current);

/// <summary>Shares of a feature's values that are unlike the reference data; 0 to 1.</summary>
/// <param name="OutOfRange">Numbers below the reference's minimum or above its maximum.</param>
/// <param name="Unseen">Categories that the reference does not have.</param>
public sealed record FeatureQuality(
    double Missing, double ReferenceMissing, double NotANumber, double ReferenceNotANumber, double OutOfRange, double Unseen);

/// <summary>How one feature compares with the reference.</summary>
public sealed record FeatureDrift
{
    public required string Name { get; init; }

    /// <summary>True for an output of the model, false for an input.</summary>
    public required bool IsOutput { get; init; }

    public required FeatureKind Kind { get; init; }

    /// <summary>Whether the difference is significant and large enough, with enough values.</summary>
    public required bool Drifted { get; init; }

    /// <summary>Why there is no verdict; null when there is one.</summary>
    public string? NoVerdict { get; init; }

    /// <summary>Values in the reference's bins.</summary>
    public required long ReferenceCount { get; init; }

    public required long CurrentCount { get; init; }

    /// <summary>
    /// The number of independent values that carry as much information as the window's values. Significance, noise and the minimum are
    /// computed with it.
    /// </summary>
    public double EffectiveCount { get; init; }

    /// <summary>The same number for the reference or baseline.</summary>
    public double EffectiveReferenceCount { get; init; }

    /// <summary>Why the values count for fewer; null when each counts fully.</summary>
    public string? WhyFewer { get; init; }

    /// <summary>
    /// PSI, Jensen-Shannon and total variation; for numeric features also Kolmogorov-Smirnov and Wasserstein. Empty when one side has no
    /// values.
    /// </summary>
    public required IReadOnlyList<StatisticValue> Statistics { get; init; }

    /// <summary>The smallest shift that the test would have detected; null when there is no test.</summary>
    public DetectableShift? Detectable { get; init; }

    /// <summary>
    /// Start of the first hour at which the window, up to and including it, would have drifted; null when the feature has not drifted.
    /// </summary>
    public DateTimeOffset? FirstHour { get; init; }

    /// <summary>The smallest Jensen-Shannon distance that matters: the manifest's, or the report's.</summary>
    public double Floor { get; init; }

    /// <summary>The rows that the feature covers, such as <c>carrier=AA</c>; null: all rows.</summary>
    public string? Slice { get; init; }

    /// <summary>
    /// An earlier output that always has the same or the opposite value, such as the other class's probability. Its findings hold for this
    /// output too. Null: none.
    /// </summary>
    public string? SameAs { get; init; }

    /// <summary>The feature's weight in the error budget; 1 unless the manifest sets it.</summary>
    public double Importance { get; init; } = 1;

    /// <summary>Whether summaries count the feature: it was tested, and an earlier one does not have the same values.</summary>
    [JsonIgnore]
    public bool IsCounted => Test is not null && SameAs is null;

    /// <summary>
    /// Bins and categories that have become several times as frequent or as rare, each significantly. They matter even below the floor,
    /// unless the manifest sets the floor.
    /// </summary>
    public IReadOnlyList<BinChange> BinChanges { get; init; } = [];

    /// <summary>
    /// Whether the difference is large enough to matter: the Jensen-Shannon distance is above its floor, or a single value has changed by
    /// much.
    /// </summary>
    [JsonIgnore]
    public bool Matters => BinChanges.Count > 0 || Statistics.Any(statistic => statistic.Name == JensenShannon.Name && statistic.Exceeded);

    /// <summary>Defects of the values themselves; these are not drift.</summary>
    public IReadOnlyList<QualityIssue> Issues { get; init; } = [];

    /// <summary>Chi-squared test of homogeneity, split into parts for numeric features; null when there is no test.</summary>
    public ChiSquaredResult? Test { get; init; }

    /// <summary>Combines <see cref="Test"/> and the tests of single bins; null when there is no test.</summary>
    public double? PValue { get; init; }

    /// <summary>
    /// <see cref="PValue"/>, adjusted over the features of the check; the verdict compares it with <see cref="DriftReport.Significance"/>.
    /// </summary>
    public double? AdjustedPValue { get; init; }

    public required FeatureQuality Quality { get; init; }

    public double? ReferenceMean { get; init; }

    /// <summary>Null without values, and if a value is too far away: by more than 65,000 times the reference's range.</summary>
    public double? CurrentMean { get; init; }

    public double? ReferenceDeviation { get; init; }

    /// <summary>Null as <see cref="CurrentMean"/>.</summary>
    public double? CurrentDeviation { get; init; }

    /// <summary>All bins. Every number above can be recomputed from them.</summary>
    public required IReadOnlyList<BinShift> Bins { get; init; }

    /// <summary>The bins whose shares changed, largest change first.</summary>
    public required IReadOnlyList<string> MovedMost { get; init; }
}

/// <summary>A drift check of one version.</summary>
public sealed record DriftReport
{
    public required ModelName Model { get; init; }

    public required int Version { get; init; }

    [JsonIgnore]
    public VersionName Name => new(Model, Version);

    public required DriftStatus Status { get; init; }

    /// <summary>One sentence for people.</summary>
    public required string Summary { get; init; }

    /// <summary>Whether at least one feature has drifted.</summary>
    public required bool Drifted { get; init; }

    /// <summary>Start of the window of event time, which has whole hours; <see cref="To"/> is exclusive.</summary>
    public required DateTimeOffset From { get; init; }

    public required DateTimeOffset To { get; init; }

    public required DateTimeOffset CheckedAt { get; init; }

    public required long Records { get; init; }

    public required long Rows { get; init; }

    public required long ReferenceRows { get; init; }

    /// <summary>Rows in the window that were counted in other bins, or in none. They take no part.</summary>
    public required long OtherRows { get; init; }

    /// <summary>The baseline: <c>reference</c>, <c>season</c>, or an interval.</summary>
    public string Baseline { get; init; } = DriftBaseline.OfReference;

    /// <summary>
    /// The first event of a reference that was taken from the log because the version had no reference data; null: the reference is data.
    /// </summary>
    public DateTimeOffset? ReferenceLoggedFrom { get; init; }

    public DateTimeOffset? ReferenceLoggedTo { get; init; }

    /// <summary>The result of the hourly looks so far; null for a check on demand, and without reference data.</summary>
    public WatchState? Watch { get; init; }

    /// <summary>
    /// The hourly looks have enough evidence, and the window differs by enough to matter. Consequences of drift depend on this property.
    /// </summary>
    public bool Alarm { get; init; }

    /// <summary>Whether a feature has defective values.</summary>
    [JsonIgnore]
    public bool HasIssues => Features.Any(feature => feature.Issues.Count > 0);

    public required double Significance { get; init; }

    public required double MinimumDistance { get; init; }

    public required int MinimumRows { get; init; }

    public required IReadOnlyList<FeatureDrift> Features { get; init; }

    /// <summary>Storage transactions of the check, without those that store this report.</summary>
    public required long Transactions { get; init; }
}
