using Modeldrop.Manifests;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Statistics;
using Modeldrop.Pages;

namespace Modeldrop.Monitoring.Reports;

/// <summary>Texts about a feature on the drift pages.</summary>
internal static class DriftWords
{
    public static string NameOf(FeatureDrift feature) => feature.IsOutput ? $"{feature.Name} (output)" : feature.Name;

    public static string AnchorOf(FeatureDrift feature) => (feature.IsOutput ? "output-" : "input-") + feature.Name;

    public static double DistanceOf(FeatureDrift feature) => Find(feature, JensenShannon.Name)?.Value ?? -1;

    /// <summary>
    /// Drifted features first, then features of all rows before slices, then by the manifest's importance, then by distance; repeated
    /// outputs last.
    /// </summary>
    public static IEnumerable<FeatureDrift> ByWhatMatters(DriftReport report) => report.Features
        .OrderBy(feature => feature.SameAs is not null).ThenByDescending(feature => feature.Drifted)
        .ThenBy(feature => feature.Slice is not null).ThenByDescending(feature => feature.Importance).ThenByDescending(DistanceOf);

    public static StatisticValue? Find(FeatureDrift feature, string name) =>
        feature.Statistics.FirstOrDefault(statistic => statistic.Name == name);

    public static string WordsOf(BinChange change) =>
        $"{change.Bin} went from {Figures.Share(change.ReferenceShare)} to {Figures.Share(change.Share)} (p "
            + $"{Figures.PValue(change.PValue)})";

    public static string WordsOf(QualityIssue issue)
    {
        string kind = issue.Kind switch
        {
            QualityIssueKind.Missing => "missing",
            QualityIssueKind.NotANumber => "NaN",
            QualityIssueKind.OutOfRange => "out of range",
            _ => "unseen",
        };
        return $"{kind} {Figures.Share(issue.Share)} ({Figures.Share(issue.ReferenceShare)})";
    }

    /// <summary>Describes the baseline.</summary>
    public static string BaselineOf(DriftReport report)
    {
        if (report.Baseline == DriftBaseline.OfReference && report.ReferenceLoggedFrom is { } from)
        {
            string to = report.ReferenceLoggedTo is { } known ? Figures.Utc(known) : "";
            return $"the version's first {Figures.Count(report.ReferenceRows)} logged rows, of {Figures.Utc(from)} to {to}, "
                + "because it has no reference data";
        }

        return report.Baseline == DriftBaseline.OfReference ? $"the reference data ({Figures.Count(report.ReferenceRows)} rows)"
            : report.Baseline.StartsWith("season", StringComparison.Ordinal) ? $"the same hours of earlier weeks ({report.Baseline})"
            : $"the traffic of {report.Baseline}";
    }
}
