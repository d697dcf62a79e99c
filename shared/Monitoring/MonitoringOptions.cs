using System.ComponentModel.DataAnnotations;

namespace Modeldrop.Monitoring;

/// <summary>When a feature counts as drifted, and how the log is folded.</summary>
public sealed class MonitoringOptions
{
    public const string SectionName = "Monitoring";

    /// <summary>
    /// False discovery rate over the features of a check, which without any drift is the chance of a false alarm per check. Default 0.01:
    /// with a check a day one false alarm in a hundred days, before the effect floor.
    /// </summary>
    [Range(1e-9, 0.5)]
    public double Significance { get; set; } = 0.01;

    /// <summary>
    /// Jensen-Shannon distance (base 2, 0 to 1) below which a difference is too small to matter. Default 0.1: a shift of about a quarter of
    /// σ.
    /// </summary>
    [Range(0, 1)]
    public double MinimumDistance { get; set; } = 0.1;

    /// <summary>
    /// Factor by which the share of a value must have changed for it to matter by itself, below <see cref="MinimumDistance"/>. Default 2.
    /// </summary>
    [Range(1, 1000)]
    public double MinimumRatio { get; set; } = 2;

    /// <summary>The same as a difference of the shares, 0 to 1. Default 0.0025: less than 25 rows in 10,000 never matter.</summary>
    [Range(0, 1)]
    public double MinimumRareChange { get; set; } = 0.0025;

    /// <summary>
    /// Change of the share of missing, out-of-range or unseen values, 0 to 1, below which it is no issue of data quality, unless the
    /// share has changed by <see cref="MinimumRatio"/> and <see cref="MinimumRareChange"/>. Default 0.01.
    /// </summary>
    [Range(0, 1)]
    public double MinimumQualityChange { get; set; } = 0.01;

    /// <summary>
    /// Area under the curve of a classifier that tells window and reference apart, 0.5 to 1, below which the difference is too small to
    /// matter. Default 0.55.
    /// </summary>
    [Range(0.5, 1)]
    public double MinimumAuc { get; set; } = 0.55;

    /// <summary>
    /// PSI that is marked as large, for people used to it; it takes no part in the verdict. Default 0.2, the field's habit.
    /// </summary>
    [Range(0, 100)]
    public double PsiThreshold { get; set; } = 0.2;

    /// <summary>Values of a feature, in the window and in the reference, below which there is no verdict. Default 100.</summary>
    [Range(1, int.MaxValue)]
    public int MinimumRows { get; set; } = 100;

    /// <summary>First logged rows that become the reference of a version without reference data. Default 2,000: bins of 200 rows.</summary>
    [Range(100, 1_000_000)]
    public int ReferenceRows { get; set; } = 2_000;

    /// <summary>
    /// Packs that one plan of a fold takes; more wait for the next plan of the same run. Bounds memory and lost work. Default 1,000.
    /// </summary>
    [Range(1, 100_000)]
    public int MaxPacksPerFold { get; set; } = 1_000;

    /// <summary>The same with the chance of a false alarm that a version has of its own.</summary>
    internal MonitoringOptions With(double significance)
    {
        var own = (MonitoringOptions)MemberwiseClone();
        own.Significance = significance;
        return own;
    }
}
