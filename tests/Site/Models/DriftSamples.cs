using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Monitoring.Statistics;
using Modeldrop.Names;

namespace Modeldrop.Tests.Site.Models;

internal static class DriftSamples
{
    /// <summary>A report with four features, of which its summary counts two: one was not tested, and one repeats another.</summary>
    public static DriftReport Report(VersionName version, string summary) => new()
    {
        Model = version.Model,
        Version = version.Number,
        Status = DriftStatus.Checked,
        Summary = summary,
        Drifted = true,
        From = DateTimeOffset.UnixEpoch,
        To = DateTimeOffset.UnixEpoch.AddHours(1),
        CheckedAt = DateTimeOffset.UnixEpoch.AddHours(2),
        Records = 1,
        Rows = 1,
        ReferenceRows = 1,
        OtherRows = 0,
        Baseline = "reference",
        Significance = 0.01,
        MinimumDistance = 0.1,
        MinimumRows = 100,
        Features =
        [
            Feature("hour", isDrifted: true),
            Feature("distance", isDrifted: false),
            Feature("text", isDrifted: false) with { Test = null },
            Feature("opposite", isDrifted: true) with { SameAs = "hour" },
        ],
        Transactions = 1,
    };

    private static FeatureDrift Feature(string name, bool isDrifted) => new()
    {
        Name = name,
        IsOutput = false,
        Kind = FeatureKind.Numeric,
        Drifted = isDrifted,
        Test = new ChiSquaredResult(1, 1, 0.3),
        ReferenceCount = 1,
        CurrentCount = 1,
        Statistics = [],
        Quality = new FeatureQuality(0, 0, 0, 0, 0, 0),
        Bins = [],
        MovedMost = [],
    };
}
