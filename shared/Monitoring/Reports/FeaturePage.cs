using System.Globalization;
using System.Text;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Statistics;
using Modeldrop.Plots;

namespace Modeldrop.Monitoring.Reports;

/// <summary>One feature in one window: both distributions, how its values went over time, and the requests behind a bin.</summary>
internal static class FeaturePage
{
    /// <param name="overTime">Quantiles or shares (<see cref="FeatureOverTime"/>).</param>
    /// <param name="bin">Whose requests are listed; null: none was asked for.</param>
    /// <param name="requests">Null: none was asked for, or the feature is made of several elements of a row.</param>
    public static string Render(
        DriftReport report, FeatureDrift feature, IReadOnlyList<DriftReport> history, IReadOnlyList<TimeSeries> overTime, string? bin,
        BinRequestList? requests)
    {
        var html = new StringBuilder();
        PlotPage.Begin(html, $"{DriftTable.NameOf(feature)} of {report.Model}, version {report.Version}");
        string verdict = feature.NoVerdict ?? (feature.Drifted ? "Drifted." : "Stable.");
        html.Append(CultureInfo.InvariantCulture,
            $"<p class=\"{(feature.NoVerdict is not null ? "skipped" : feature.Drifted ? "failed" : "passed")}\">{PlotPage.Encode(verdict)}</p>\n<p>{PageNumbers.Hour(report.From)} to {PageNumbers.Hour(report.To)} UTC: {feature.CurrentCount:N0} values against {feature.ReferenceCount:N0}.")
            .Append(CultureInfo.InvariantCulture,
                $"{(feature.AdjustedPValue is { } chance ? $" p, adjusted: {PlotPage.Encode(PageNumbers.PValue(chance))}." : "")}</p>\n");
        DriftPlots.AppendBins(html, feature);
        if (overTime.Any(series => series.Points.Count > 1))
        {
            string what = feature.Kind == Profiles.FeatureKind.Numeric ? "Quantiles over time"
                : "Share of the most frequent values over time, in %";
            html.Append(CultureInfo.InvariantCulture, $"<h2>{what}</h2>\n")
                .Append(TimePlot.Draw($"{DriftTable.NameOf(feature)}: {what}", overTime, [],
                    fromZero: feature.Kind != Profiles.FeatureKind.Numeric));
        }

        DriftPlots.AppendHistory(html, feature, history);
        AppendBins(html, report, feature);
        if (bin is not null)
        {
            AppendRequests(html, bin, requests);
        }

        return PlotPage.End(html);
    }

    private static void AppendBins(StringBuilder html, DriftReport report, FeatureDrift feature)
    {
        html.Append("<h2>Bins</h2>\n<div class=\"wide\"><table>\n<thead><tr><th>Bin</th><th>reference</th><th>window</th><th>values</th><th>p</th><th>requests</th></tr></thead>\n<tbody>\n");
        IReadOnlyList<BinShift> bins = PageBins.Of(feature);
        double reference = Math.Max(1, bins.Sum(bin => bin.Reference));
        double current = Math.Max(1, bins.Sum(bin => bin.Current));
        foreach (BinShift bin in bins)
        {
            BinChange? change = feature.BinChanges.FirstOrDefault(one => one.Bin == bin.Bin);
            string style = change is null ? "" : " class=\"failed\"";
            string link = bin.Current == 0 ? ""
                : $"<a href=\"{PlotPage.Encode(FeatureLink.To(report, feature, bin.Bin))}#requests\">show</a>";
            html.Append(CultureInfo.InvariantCulture,
                $"<tr><td{style}>{PlotPage.Encode(bin.Bin)}</td><td class=\"number\">{PageNumbers.Share(bin.Reference / reference)}</td>")
                .Append(CultureInfo.InvariantCulture,
                    $"<td class=\"number\">{PageNumbers.Share(bin.Current / current)}</td><td class=\"number\">{bin.Current:N0}</td>")
                .Append(CultureInfo.InvariantCulture, $"<td class=\"number\">{(change is null ? "" : PlotPage.Encode(PageNumbers.PValue(change.PValue)))}</td><td>{link}</td></tr>\n");
        }

        html.Append("</tbody>\n</table></div>\n<p>p is given for bins whose share has changed by a multiple, significantly.</p>\n");
    }

    private static void AppendRequests(StringBuilder html, string bin, BinRequestList? requests)
    {
        html.Append(CultureInfo.InvariantCulture, $"<h2 id=\"requests\">Requests with {PlotPage.Encode(bin)}</h2>\n");
        if (requests is null)
        {
            html.Append("<p>This feature is made of several elements of a row, or of some rows only; its requests cannot be listed.</p>\n");
            return;
        }

        string found = requests.Requests.Count == 0 ? "None was found"
            : string.Create(CultureInfo.InvariantCulture, $"{requests.Requests.Count} requests");
        html.Append(CultureInfo.InvariantCulture, $"<p>{found}{(requests.IsComplete ? "" : "; not all of the log was read")}.</p>\n<ul>\n");
        foreach (BinRequest request in requests.Requests)
        {
            html.Append(CultureInfo.InvariantCulture,
                $"<li><a href=\"/api/predictions/{request.Id}\">{request.Id}</a>, {PageNumbers.Hour(request.EventTime)}, {request.Rows} {(request.Rows == 1 ? "row" : "rows")}</li>\n");
        }

        html.Append("</ul>\n");
    }
}
