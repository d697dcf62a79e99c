using System.Globalization;
using System.Text;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Plots;

namespace Modeldrop.Monitoring.Reports;

/// <summary>A drift report as a page: what was found, each feature's distributions, how it went over time, and who answered.</summary>
internal static class DriftPage
{
    private const int MaxFeatures = 60;

    /// <param name="history">Earlier reports of the version, newest first.</param>
    public static string Render(DriftReport report, IReadOnlyList<DriftReport> history, IReadOnlyList<TimeSeries> traffic)
    {
        var html = new StringBuilder();
        PlotPage.Begin(html, $"Drift of {report.Model}, version {report.Version}");
        string verdict = report.Status != DriftStatus.Checked ? "skipped" : report.Drifted || report.Alarm ? "failed" : "passed";
        html.Append(CultureInfo.InvariantCulture, $"<p class=\"{verdict}\">{PlotPage.Encode(report.Summary)}</p>\n");
        html.Append(CultureInfo.InvariantCulture,
            $"<p>{report.Rows:N0} rows of {report.Records:N0} requests from {report.From:u} to {report.To:u}, against {PlotPage.Encode(BaselineWords(report))}. Checked at {report.CheckedAt:u}; {report.Transactions} storage transactions.</p>\n");
        if (report.Watch is { } watch)
        {
            html.Append(CultureInfo.InvariantCulture,
                $"<p>The hourly looks since {watch.Since:u} have seen {watch.Rows:N0} rows; the chance of a false alarm, over all of them together, is {watch.Significance:P1}. {(report.Alarm ? "<strong class=\"failed\">Alarm.</strong>" : "No alarm.")}</p>\n");
        }

        DriftNotes.Append(html, report);
        AppendTable(html, report);
        if (traffic.Any(series => series.Points.Count > 0))
        {
            html.Append("<h2>Traffic by version</h2>\n<p>Rows an hour.</p>\n").Append(TimePlot.Draw("Rows an hour by version", traffic, [], fromZero: true));
        }

        foreach (FeatureDrift feature in report.Features.OrderByDescending(feature => feature.Drifted).ThenByDescending(DistanceOf).Take(MaxFeatures))
        {
            AppendFeature(html, report, feature, history);
        }

        if (report.Features.Count > MaxFeatures)
        {
            html.Append(CultureInfo.InvariantCulture, $"<p>{report.Features.Count - MaxFeatures} further features are in the JSON form of this report.</p>\n");
        }

        return PlotPage.End(html);
    }

    private static void AppendTable(StringBuilder html, DriftReport report)
    {
        html.Append("<div class=\"wide\"><table>\n<thead><tr><th>Feature</th><th>Verdict</th><th>Jensen-Shannon</th><th>noise</th><th>PSI</th><th>p, adjusted</th><th>evidence</th><th>could be seen</th><th>Data quality</th></tr></thead>\n<tbody>\n");
        foreach (FeatureDrift feature in report.Features)
        {
            StatisticValue? distance = Find(feature, JensenShannon.Name);
            WatchedFeature? watched = report.Watch?.Features.FirstOrDefault(one => one.Name == feature.Name && one.IsOutput == feature.IsOutput);
            string verdict = feature.NoVerdict is not null ? "noted" : feature.Drifted ? "failed" : "passed";
            string word = feature.NoVerdict is not null ? "no verdict" : feature.Drifted ? "drifted" : "stable";
            string seen = feature.Detectable is not { } shift ? "" : shift.Deviations is { } deviations
                ? string.Create(CultureInfo.InvariantCulture, $"{deviations:0.00} σ")
                : string.Create(CultureInfo.InvariantCulture, $"{shift.Distance:0.000}");
            html.Append(CultureInfo.InvariantCulture,
                $"<tr><td>{PlotPage.Encode(NameOf(feature))}</td><td class=\"{verdict}\" title=\"{PlotPage.Encode(feature.NoVerdict ?? "")}\">{word}</td><td class=\"number\">{distance?.Value:0.000}</td><td class=\"number\">{distance?.NoiseLimit:0.000}</td>")
                .Append(CultureInfo.InvariantCulture,
                    $"<td class=\"number\">{Find(feature, PopulationStabilityIndex.Name)?.Value:0.000}</td><td class=\"number\">{feature.AdjustedPValue:0.0##e-0}</td><td class=\"number\">{(watched is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{watched.LogEvidence / Math.Log(10):0.0}"))}</td>")
                .Append(CultureInfo.InvariantCulture, $"<td class=\"number\">{seen}</td><td>{PlotPage.Encode(string.Join("; ", feature.Issues.Select(Words)))}</td></tr>\n");
        }

        html.Append(CultureInfo.InvariantCulture,
            $"</tbody>\n</table></div>\n<p>Drifted: the adjusted p is at most {report.Significance} and the Jensen-Shannon distance at least {report.MinimumDistance}. Noise: the distance that chance alone exceeds as rarely. {EvidenceWords(report.Watch)}Could be seen: the smallest shift that this much traffic would have shown nine times out of ten.</p>\n");
    }

    private static string EvidenceWords(WatchState? watch) => watch is null
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $"Evidence: powers of ten, since the watch began; one feature alone needs {watch.NeededLogEvidence / Math.Log(10):0.0}. ");

    private static void AppendFeature(StringBuilder html, DriftReport report, FeatureDrift feature, IReadOnlyList<DriftReport> history)
    {
        html.Append(CultureInfo.InvariantCulture, $"<h2>{PlotPage.Encode(NameOf(feature))}</h2>\n");
        string means = feature.ReferenceMean is { } before && feature.CurrentMean is { } now
            ? string.Create(CultureInfo.InvariantCulture, $" Mean {now:G5} (reference {before:G5}), standard deviation {feature.CurrentDeviation:G5} ({feature.ReferenceDeviation:G5}).")
            : "";
        string first = feature.FirstHour is { } hour ? string.Create(CultureInfo.InvariantCulture, $" To be seen with the hour from {hour:u} on.") : "";
        string moved = feature.Drifted ? $" Moved most: {string.Join(", ", feature.MovedMost)}." : "";
        html.Append(CultureInfo.InvariantCulture, $"<p>{feature.CurrentCount:N0} values against {feature.ReferenceCount:N0}.{PlotPage.Encode(means)}{PlotPage.Encode(first)}{PlotPage.Encode(moved)}</p>\n");
        if (feature.ReferenceCount > 0 && feature.CurrentCount > 0)
        {
            html.Append(BarPlot.Draw(
                $"{NameOf(feature)}: share of values by bin", ["window", "reference"],
                [.. feature.Bins.Where(bin => bin.Reference + bin.Current > 0).Select(bin => new BarGroup(bin.Bin, [100.0 * bin.Current / feature.CurrentCount, 100.0 * bin.Reference / feature.ReferenceCount]))], " %"));
        }

        TimePoint[] points = [.. history.Append(report).DistinctBy(one => one.CheckedAt).OrderBy(one => one.CheckedAt)
            .Select(one => (one.CheckedAt, Statistic: one.Features.FirstOrDefault(other => other.Name == feature.Name && other.IsOutput == feature.IsOutput) is { } found ? Find(found, JensenShannon.Name) : null))
            .Where(one => one.Statistic is not null).Select(one => new TimePoint(one.CheckedAt, one.Statistic!.Value))];
        if (points.Length > 1)
        {
            html.Append(TimePlot.Draw($"{NameOf(feature)}: Jensen-Shannon distance over the checks", [new TimeSeries("Jensen-Shannon distance", points)], [new TimeLimit("floor", report.MinimumDistance)], fromZero: true));
        }
    }

    private static string BaselineWords(DriftReport report) =>
        report.Baseline == Registry.DriftBaseline.OfReference && report.ReferenceLoggedFrom is { } from
            ? string.Create(CultureInfo.InvariantCulture, $"the version's first {report.ReferenceRows:N0} logged rows, of {from:u} to {report.ReferenceLoggedTo:u}, as it came without reference data")
        : report.Baseline == Registry.DriftBaseline.OfReference ? $"the reference data ({report.ReferenceRows.ToString("N0", CultureInfo.InvariantCulture)} rows)"
        : report.Baseline.StartsWith("season", StringComparison.Ordinal) ? $"the same hours of earlier weeks ({report.Baseline})"
        : $"the traffic of {report.Baseline}";

    private static string Words(QualityIssue issue) => string.Create(CultureInfo.InvariantCulture, $"{issue.Kind switch
    {
        QualityIssueKind.Missing => "missing",
        QualityIssueKind.NotANumber => "NaN",
        QualityIssueKind.OutOfRange => "out of range",
        _ => "unseen",
    }} {issue.Share:P1} ({issue.ReferenceShare:P1})");

    private static string NameOf(FeatureDrift feature) => feature.IsOutput ? $"{feature.Name} (output)" : feature.Name;

    private static double DistanceOf(FeatureDrift feature) => Find(feature, JensenShannon.Name)?.Value ?? -1;

    private static StatisticValue? Find(FeatureDrift feature, string name) => feature.Statistics.FirstOrDefault(statistic => statistic.Name == name);
}
