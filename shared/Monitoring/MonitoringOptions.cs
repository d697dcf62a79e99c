using System.ComponentModel.DataAnnotations;

namespace Modeldrop.Monitoring;

/// <summary>Options: when a feature counts as drifted, and how the log is folded.</summary>
public sealed class MonitoringOptions
{
    public const string SectionName = "Monitoring";

    /// <summary>
    /// False discovery rate over the features of a check; without any drift, this is the chance of a false alarm per check. Default 0.01:
    /// with one check a day, one false alarm in a hundred days, before the effect floor.
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
    /// Factor by which the share of a single value must change to matter, even below <see cref="MinimumDistance"/>. Default 2.
    /// </summary>
    [Range(1, 1000)]
    public double MinimumRatio { get; set; } = 2;

    /// <summary>
    /// Difference of the shares by which a single value must also change, 0 to 1. Default 0.0025: less than 25 rows in 10,000 never matter.
    /// </summary>
    [Range(0, 1)]
    public double MinimumRareChange { get; set; } = 0.0025;

    /// <summary>
    /// Change of the share of missing, out-of-range or unseen values, 0 to 1, below which there is no data quality issue, unless the share
    /// has changed by <see cref="MinimumRatio"/> and <see cref="MinimumRareChange"/>. Default 0.01.
    /// </summary>
    [Range(0, 1)]
    public double MinimumQualityChange { get; set; } = 0.01;

    /// <summary>
    /// Area under the curve, 0.5 to 1, of a classifier that separates window and reference. Below it the difference is too small to matter.
    /// Default 0.55.
    /// </summary>
    [Range(0.5, 1)]
    public double MinimumAuc { get; set; } = 0.55;

    /// <summary>
    /// Smallest PSI that is marked as large, for readers who are used to PSI. It takes no part in the verdict. Default 0.2, as is
    /// customary.
    /// </summary>
    [Range(0, 100)]
    public double PsiThreshold { get; set; } = 0.2;

    /// <summary>Number of values of a feature, in the window and in the reference, below which there is no verdict. Default 100.</summary>
    [Range(1, int.MaxValue)]
    public int MinimumRows { get; set; } = 100;

    /// <summary>
    /// Number of first logged rows that become the reference of a version without reference data. Default 2,000: bins of 200 rows.
    /// </summary>
    [Range(100, 1_000_000)]
    public int ReferenceRows { get; set; } = 2_000;

    /// <summary>
    /// Packs that one plan of a fold takes. Further packs go into the next plan of the same run. Bounds memory and lost work. Default
    /// 1,000.
    /// </summary>
    [Range(1, 100_000)]
    public int MaxPacksPerFold { get; set; } = 1_000;

    /// <summary>The same options with a version's own chance of a false alarm.</summary>
    internal MonitoringOptions With(double significance)
    {
        var own = (MonitoringOptions)MemberwiseClone();
        own.Significance = significance;
        return own;
    }
}
