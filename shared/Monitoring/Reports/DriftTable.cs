using System.Globalization;
using System.Text;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Statistics;
using Modeldrop.Monitoring.Watch;
using Modeldrop.Plots;

namespace Modeldrop.Monitoring.Reports;

/// <summary>All features of a drift report in a table, a line each.</summary>
internal static class DriftTable
{
    private const string Head =
        "<th>Feature</th><th>Verdict</th><th>Jensen-Shannon</th><th>noise</th><th>floor</th><th>PSI</th><th>p, adjusted</th><th>evidence</th><th>could be seen</th><th>Data quality</th>";

    public static void Append(StringBuilder html, DriftReport report)
    {
        html.Append(CultureInfo.InvariantCulture, $"<div class=\"wide\"><table>\n<thead><tr>{Head}</tr></thead>\n<tbody>\n");
        foreach (FeatureDrift feature in report.Features)
        {
            AppendRow(html, report, feature);
        }

        html.Append(CultureInfo.InvariantCulture,
            $"</tbody>\n</table></div>\n<p>Drifted: the adjusted p is at most {report.Significance}, and the Jensen-Shannon distance at least the floor or the share of a single value changed by a multiple. Noise: the distance that chance alone exceeds as rarely. ")
            .Append(CultureInfo.InvariantCulture, $"{EvidenceWords(report.Watch)}Could be seen: the smallest change that this much traffic would have shown, nine times out of ten, as significant and above the floor.</p>\n");
    }

    public static string NameOf(FeatureDrift feature) => feature.IsOutput ? $"{feature.Name} (output)" : feature.Name;

    public static string AnchorOf(FeatureDrift feature) => (feature.IsOutput ? "output-" : "input-") + feature.Name;

    public static double DistanceOf(FeatureDrift feature) => Find(feature, JensenShannon.Name)?.Value ?? -1;

    public static StatisticValue? Find(FeatureDrift feature, string name) =>
        feature.Statistics.FirstOrDefault(statistic => statistic.Name == name);

    private static void AppendRow(StringBuilder html, DriftReport report, FeatureDrift feature)
    {
        string name = $"<td><a href=\"#{PlotPage.Encode(AnchorOf(feature))}\">{PlotPage.Encode(NameOf(feature))}</a></td>";
        if (feature.SameAs is { } same)
        {
            html.Append(CultureInfo.InvariantCulture, $"<tr><td>{PlotPage.Encode(NameOf(feature))}</td><td class=\"noted\" colspan=\"9\">says the same as {PlotPage.Encode(same)}, or the opposite</td></tr>\n");
            return;
        }

        StatisticValue? distance = Find(feature, JensenShannon.Name);
        WatchedFeature? watched = report.Watch?.Features.FirstOrDefault(one => one.Name == feature.Name
            && one.IsOutput == feature.IsOutput);
        (string verdict, string word) = feature.NoVerdict is not null ? ("noted", "no verdict") : feature.Drifted ? ("failed", "drifted")
            : ("passed", "stable");
        html.Append(CultureInfo.InvariantCulture,
            $"<tr>{name}<td class=\"{verdict}\" title=\"{PlotPage.Encode(feature.NoVerdict ?? "")}\">{word}</td>");
        AppendNumber(html, PageNumbers.Fixed(distance?.Value));
        AppendNumber(html, PageNumbers.Fixed(distance?.NoiseLimit));
        AppendNumber(html, PageNumbers.Fixed(feature.Floor));
        AppendNumber(html, PageNumbers.Fixed(Find(feature, PopulationStabilityIndex.Name)?.Value));
        AppendNumber(html, feature.AdjustedPValue is { } chance ? PageNumbers.PValue(chance) : "");
        AppendNumber(html, watched is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{watched.LogEvidence / Math.Log(10):0.0}"));
        AppendNumber(html, SeenWords(feature));
        html.Append(CultureInfo.InvariantCulture, $"<td>{PlotPage.Encode(string.Join("; ", feature.Issues.Select(Words)))}</td></tr>\n");
    }

    private static void AppendNumber(StringBuilder html, string text) =>
        html.Append(CultureInfo.InvariantCulture, $"<td class=\"number\">{PlotPage.Encode(text)}</td>");

    private static string SeenWords(FeatureDrift feature) => feature.Detectable is not { } shift ? ""
        : shift.Deviations is { } deviations ? string.Create(CultureInfo.InvariantCulture, $"{deviations:0.00} σ")
        : PageNumbers.Fixed(shift.Distance);

    private static string EvidenceWords(WatchState? watch) => watch is null
        ? ""
        : string.Create(CultureInfo.InvariantCulture,
            $"Evidence: powers of ten, since the watch began; one feature alone needs {watch.NeededLogEvidence / Math.Log(10):0.0}. ");

    private static string Words(QualityIssue issue)
    {
        string kind = issue.Kind switch
        {
            QualityIssueKind.Missing => "missing",
            QualityIssueKind.NotANumber => "NaN",
            QualityIssueKind.OutOfRange => "out of range",
            _ => "unseen",
        };
        return $"{kind} {PageNumbers.Share(issue.Share)} ({PageNumbers.Share(issue.ReferenceShare)})";
    }
}
