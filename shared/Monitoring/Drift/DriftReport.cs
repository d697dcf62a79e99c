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

    /// <summary>The version came without reference data: there are no bins, nothing is compared.</summary>
    NoReference,

    /// <summary>Too few rows in the window for a verdict; the statistics are given as they are.</summary>
    TooFewRows,
}

/// <summary>A statistic beside the value from which on it speaks for drift.</summary>
/// <param name="Threshold">Null: it takes no part in the verdict and has no habit of the field.</param>
/// <param name="Exceeded">At or above the threshold.</param>
public sealed record StatisticValue(string Name, double Value, double? Threshold, bool Exceeded)
{
    /// <summary>
    /// What noise alone exceeds, with so many values and bins, with the chance of <see cref="DriftReport.Significance"/>; null where there
    /// is no closed form.
    /// </summary>
    public double? NoiseLimit { get; init; }
}

/// <summary>A bin's counts on both sides.</summary>
public sealed record BinShift(string Bin, long Reference, long Current);

/// <summary>Shares of the values of a feature that are not as in the reference data; 0 to 1.</summary>
/// <param name="OutOfRange">Numbers below the reference's least or above its greatest.</param>
/// <param name="Unseen">Categories that the reference does not have.</param>
public sealed record FeatureQuality(
    double Missing, double ReferenceMissing, double NotANumber, double ReferenceNotANumber, double OutOfRange, double Unseen);

/// <summary>How one feature compares with the reference.</summary>
public sealed record FeatureDrift
{
    public required string Name { get; init; }

    /// <summary>An output of the model; else an input.</summary>
    public required bool IsOutput { get; init; }

    public required FeatureKind Kind { get; init; }

    /// <summary>Significant and large enough, on enough values.</summary>
    public required bool Drifted { get; init; }

    /// <summary>Why there is no verdict; null when there is one.</summary>
    public string? NoVerdict { get; init; }

    /// <summary>Values in the reference's bins.</summary>
    public required long ReferenceCount { get; init; }

    public required long CurrentCount { get; init; }

    /// <summary>By how many independent values the window's count as much: what significance, noise and the minimum are computed
    /// with.</summary>
    public double EffectiveCount { get; init; }

    /// <summary>The same of the other side.</summary>
    public double EffectiveReferenceCount { get; init; }

    /// <summary>Why the values count for fewer; null where each counts.</summary>
    public string? WhyFewer { get; init; }

    /// <summary>
    /// PSI, Jensen-Shannon and total variation; of numeric features also Kolmogorov-Smirnov and Wasserstein. Empty when one side has no
    /// values.
    /// </summary>
    public required IReadOnlyList<StatisticValue> Statistics { get; init; }

    /// <summary>The smallest shift that would have been seen; null when there is no test.</summary>
    public DetectableShift? Detectable { get; init; }

    /// <summary>Start of the first hour with which the window, up to and with it, would have been drifted; null where it is not.</summary>
    public DateTimeOffset? FirstHour { get; init; }

    /// <summary>The Jensen-Shannon distance from which on it matters: the manifest's, or that of the report.</summary>
    public double Floor { get; init; }

    /// <summary>The rows that it is of, such as <c>carrier=AA</c>; null: all rows.</summary>
    public string? Slice { get; init; }

    /// <summary>
    /// An output before this one that always says the same or the opposite, such as the other class's probability: what is said of that
    /// holds for this one. Null: none.
    /// </summary>
    public string? SameAs { get; init; }

    /// <summary>Its weight in the error budget; 1 where the manifest says nothing.</summary>
    public double Importance { get; init; } = 1;

    /// <summary>
    /// Bins and categories that have become several times as frequent or as rare, each significantly: they matter also below the floor,
    /// unless the manifest sets it.
    /// </summary>
    public IReadOnlyList<BinChange> BinChanges { get; init; } = [];

    /// <summary>
    /// Whether it differs by enough to matter: the Jensen-Shannon distance is above its floor, or a single value has changed by much.
    /// </summary>
    [JsonIgnore]
    public bool Matters => BinChanges.Count > 0 || Statistics.Any(statistic => statistic.Name == JensenShannon.Name && statistic.Exceeded);

    /// <summary>What is wrong with the values themselves; this is not drift.</summary>
    public IReadOnlyList<QualityIssue> Issues { get; init; } = [];

    /// <summary>Chi-squared homogeneity, of numeric features in parts; null when there is no test.</summary>
    public ChiSquaredResult? Test { get; init; }

    /// <summary>Of <see cref="Test"/> and of the bins one by one, together; null when there is no test.</summary>
    public double? PValue { get; init; }

    /// <summary>
    /// <see cref="PValue"/>, adjusted over the features of the check; the verdict compares it with
    /// <see cref="DriftReport.Significance"/>.
    /// </summary>
    public double? AdjustedPValue { get; init; }

    public required FeatureQuality Quality { get; init; }

    public double? ReferenceMean { get; init; }

    public double? CurrentMean { get; init; }

    public double? ReferenceDeviation { get; init; }

    public double? CurrentDeviation { get; init; }

    /// <summary>All bins: every number above can be recomputed from these.</summary>
    public required IReadOnlyList<BinShift> Bins { get; init; }

    /// <summary>The bins whose share changed most, most first.</summary>
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

    /// <summary>At least one feature has drifted.</summary>
    public required bool Drifted { get; init; }

    /// <summary>Window of event time, in whole hours; <see cref="To"/> is not part of it.</summary>
    public required DateTimeOffset From { get; init; }

    public required DateTimeOffset To { get; init; }

    public required DateTimeOffset CheckedAt { get; init; }

    public required long Records { get; init; }

    public required long Rows { get; init; }

    public required long ReferenceRows { get; init; }

    /// <summary>Rows in the window that were counted on other bins, or on none, and take no part.</summary>
    public required long OtherRows { get; init; }

    /// <summary>What the window is compared with: <c>reference</c>, <c>season</c>, or an interval.</summary>
    public string Baseline { get; init; } = DriftBaseline.OfReference;

    /// <summary>
    /// The reference is of the log, as the version came without reference data: its first event; null: of reference data.
    /// </summary>
    public DateTimeOffset? ReferenceLoggedFrom { get; init; }

    public DateTimeOffset? ReferenceLoggedTo { get; init; }

    /// <summary>What the hourly looks have come to; null for a check that was asked for, and without reference data.</summary>
    public WatchState? Watch { get; init; }

    /// <summary>
    /// The hourly looks have enough evidence, and the window differs by enough to matter: what follows from drift follows from this.
    /// </summary>
    public bool Alarm { get; init; }

    /// <summary>A feature has values that are wrong in themselves.</summary>
    [JsonIgnore]
    public bool HasIssues => Features.Any(feature => feature.Issues.Count > 0);

    public required double Significance { get; init; }

    public required double MinimumDistance { get; init; }

    public required int MinimumRows { get; init; }

    public required IReadOnlyList<FeatureDrift> Features { get; init; }

    /// <summary>Storage transactions of the check, without storing this report.</summary>
    public required long Transactions { get; init; }
}
