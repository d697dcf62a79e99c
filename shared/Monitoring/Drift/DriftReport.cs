using Modeldrop.Monitoring.Profiles;

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
/// <param name="Exceeded">At or above the threshold.</param>
public sealed record StatisticValue(string Name, double Value, double Threshold, bool Exceeded);

/// <summary>A bin's counts on both sides.</summary>
public sealed record BinShift(string Bin, long Reference, long Current);

/// <summary>Shares of the values of a feature that are not as in the reference data; 0 to 1.</summary>
/// <param name="OutOfRange">Numbers below the reference's least or above its greatest.</param>
/// <param name="Unseen">Categories that the reference does not have.</param>
public sealed record FeatureQuality(double Missing, double ReferenceMissing, double NotANumber, double ReferenceNotANumber, double OutOfRange, double Unseen);

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

    /// <summary>PSI and Jensen-Shannon; empty when one side has no values.</summary>
    public required IReadOnlyList<StatisticValue> Statistics { get; init; }

    /// <summary>Chi-squared homogeneity; null when there is no test.</summary>
    public ChiSquaredResult? Test { get; init; }

    /// <summary><see cref="Test"/>'s p-value, adjusted over the features of the check; the verdict compares it with <see cref="DriftReport.Significance"/>.</summary>
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
    public required string Model { get; init; }

    public required int Version { get; init; }

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

    public required double Significance { get; init; }

    public required double MinimumDistance { get; init; }

    public required int MinimumRows { get; init; }

    public required IReadOnlyList<FeatureDrift> Features { get; init; }

    /// <summary>Storage transactions of the check, without storing this report.</summary>
    public required long Transactions { get; init; }
}
