using System.Globalization;
using System.Text;
using Modeldrop.Manifests;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Statistics;
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
            $"<p>{report.Rows:N0} rows of {report.Records:N0} requests from {PageNumbers.Hour(report.From)} to {PageNumbers.Hour(report.To)} UTC, against {PlotPage.Encode(BaselineWords(report))}. ")
            .Append(CultureInfo.InvariantCulture,
                $"Checked at {PageNumbers.Hour(report.CheckedAt)}; {report.Transactions} storage transactions.</p>\n");
        if (report.Watch is { } watch)
        {
            html.Append(CultureInfo.InvariantCulture,
                $"<p>The hourly looks since {PageNumbers.Hour(watch.Since)} have seen {watch.Rows:N0} rows; the chance of a false alarm, over all of them together, is {PageNumbers.Share(watch.Significance)}. {(report.Alarm ? "<strong class=\"failed\">Alarm.</strong>" : "No alarm.")}</p>\n");
        }

        DriftNotes.Append(html, report);
        DriftTable.Append(html, report);
        if (traffic.Any(series => series.Points.Count > 0))
        {
            html.Append("<h2>Traffic by version</h2>\n<p>Rows an hour.</p>\n").Append(TimePlot.Draw("Rows an hour by version", traffic, [], fromZero: true));
        }

        FeatureDrift[] shown =
        [
            .. report.Features.Where(feature => feature.SameAs is null)
                .OrderByDescending(feature => feature.Drifted).ThenBy(feature => feature.Slice is not null)
                    .ThenByDescending(feature => feature.Importance).ThenByDescending(DriftTable.DistanceOf),
        ];
        foreach (FeatureDrift feature in shown.Take(MaxFeatures))
        {
            AppendFeature(html, report, feature, history);
        }

        if (shown.Length > MaxFeatures)
        {
            html.Append(CultureInfo.InvariantCulture,
                $"<p>{shown.Length - MaxFeatures} further features are in the JSON form of this report.</p>\n");
        }

        return PlotPage.End(html);
    }

    private static void AppendFeature(StringBuilder html, DriftReport report, FeatureDrift feature, IReadOnlyList<DriftReport> history)
    {
        html.Append(CultureInfo.InvariantCulture,
            $"<h2 id=\"{PlotPage.Encode(DriftTable.AnchorOf(feature))}\">{PlotPage.Encode(DriftTable.NameOf(feature))}</h2>\n");
        string means = feature.ReferenceMean is { } before && feature.CurrentMean is { } now
            ? string.Create(CultureInfo.InvariantCulture, $" Mean {now:G5} (reference {before:G5}), standard deviation {feature.CurrentDeviation:G5} ({feature.ReferenceDeviation:G5}).")
            : "";
        string first = feature.FirstHour is { } hour ? $" To be seen with the hour from {PageNumbers.Hour(hour)} on." : "";
        string moved = feature.Drifted ? $" Moved most: {string.Join(", ", feature.MovedMost)}." : "";
        string bins = feature.BinChanges.Count == 0 ? "" : $" {string.Join("; ", feature.BinChanges.Select(WordsOf))}.";
        html.Append(CultureInfo.InvariantCulture,
            $"<p>{feature.CurrentCount:N0} values against {feature.ReferenceCount:N0}.{PlotPage.Encode(means)}{PlotPage.Encode(first)}{PlotPage.Encode(moved)}{PlotPage.Encode(bins)}</p>\n");
        DriftPlots.AppendBins(html, feature);
        DriftPlots.AppendHistory(html, feature, [.. history.Append(report)]);
        html.Append(CultureInfo.InvariantCulture, $"<p><a href=\"{PlotPage.Encode(FeatureLink.To(report, feature))}\">Quantiles over time, and the requests behind a bin</a></p>\n");
    }

    private static string WordsOf(BinChange change) =>
        $"{change.Bin} went from {PageNumbers.Share(change.ReferenceShare)} to {PageNumbers.Share(change.Share)} (p {PageNumbers.PValue(change.PValue)})";

    private static string BaselineWords(DriftReport report) =>
        report.Baseline == DriftBaseline.OfReference && report.ReferenceLoggedFrom is { } from
            ? string.Create(CultureInfo.InvariantCulture, $"the version's first {report.ReferenceRows:N0} logged rows, of {from:u} to {report.ReferenceLoggedTo:u}, as it came without reference data")
        : report.Baseline == DriftBaseline.OfReference ? $"the reference data ({report.ReferenceRows.ToString("N0", CultureInfo.InvariantCulture)} rows)"
        : report.Baseline.StartsWith("season", StringComparison.Ordinal) ? $"the same hours of earlier weeks ({report.Baseline})"
        : $"the traffic of {report.Baseline}";
}
