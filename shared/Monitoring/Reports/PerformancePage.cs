using System.Globalization;
using System.Text;
using Modeldrop.Metrics;
using Modeldrop.Monitoring.Performance;
using Modeldrop.Plots;

namespace Modeldrop.Monitoring.Reports;

/// <summary>
/// Performance as a page: what has changed, each metric over time beside drift, the pictures of the answers, and the figures.
/// </summary>
public static class PerformancePage
{
    public static string Render(PerformanceReport report)
    {
        var html = new StringBuilder();
        PlotPage.Begin(html, $"Performance of {report.Model}");
        string asOf = report.AsOf is { } known ? string.Create(CultureInfo.InvariantCulture, $", as it was known at {known:u}") : "";
        html.Append(CultureInfo.InvariantCulture,
            $"<p>From {report.From:u} to {report.To:u} by event time{asOf}. {report.Transactions} storage transactions.</p>\n");
        if (report.Windows.Count == 0)
        {
            html.Append("<p>No request of this time is in the log.</p>\n");
        }

        foreach (VersionBaseline baseline in report.Versions)
        {
            WindowPerformance[] windows = [.. report.Windows.Where(window => window.Version == baseline.Version)];
            if (windows.Length == 0)
            {
                continue;
            }

            html.Append(CultureInfo.InvariantCulture, $"<h2>Version {baseline.Version}</h2>\n");
            AppendChanges(html, report, windows);
            PerformancePanels.Append(html, report, baseline, windows);
            if (windows.LastOrDefault(window => window.Figures is not null) is { } newest)
            {
                html.Append(CultureInfo.InvariantCulture,
                    $"<h3>Answers of the window from {newest.From:yyyy-MM-dd HH:mm}, and of the validation</h3>\n");
                FigurePlots.Append(html, [("window", newest.Figures), ("validation", baseline.Figures)]);
            }

            AppendTable(html, windows);
            if (windows is [var only])
            {
                PerformanceSlices.Append(html, only, report.Significance);
            }
        }

        return PlotPage.End(html);
    }

    /// <summary>A value with its interval.</summary>
    internal static string Text(MetricValue value) => value is { Low: { } low, High: { } high }
        ? string.Create(CultureInfo.InvariantCulture, $"{value.Value:0.0000} ({low:0.0000} to {high:0.0000})")
        : string.Create(CultureInfo.InvariantCulture, $"{value.Value:0.0000}");

    /// <summary>Of the newest window all kinds; of the others those that were found.</summary>
    private static void AppendChanges(StringBuilder html, PerformanceReport report, WindowPerformance[] windows)
    {
        WindowPerformance newest = windows[^1];
        html.Append(CultureInfo.InvariantCulture,
            $"<h3>What has changed since the validation, by the window from {newest.From:yyyy-MM-dd HH:mm}</h3>\n")
            .Append("<div class=\"wide\"><table>\n<thead><tr><th>Kind</th><th>Verdict</th><th>p</th>")
            .Append("<th>Finding</th></tr></thead>\n<tbody>\n");
        foreach (WindowChange change in newest.Changes)
        {
            (string style, string word) = change.State switch
            {
                ChangeState.Changed => ("failed", "changed"),
                ChangeState.Unchanged => ("passed", "unchanged"),
                _ => ("noted", "not known"),
            };
            int before = windows.SkipLast(1).Count(window => window.Changes.Any(one => one.Kind == change.Kind
                && one.State == ChangeState.Changed));
            string earlier = before == 0 ? "" : string.Create(CultureInfo.InvariantCulture,
                $" Found in {before} of {windows.Length - 1} earlier windows too.");
            string chance = change.PValue is { } p ? PlotPage.Encode(PlotNumbers.PValue(p)) : "";
            html.Append(CultureInfo.InvariantCulture, $"<tr><td>{Words(change.Kind)}</td><td class=\"{style}\">{word}</td>")
                .Append(CultureInfo.InvariantCulture,
                    $"<td class=\"number\">{chance}</td><td>{PlotPage.Encode(change.Summary)}{earlier}</td></tr>\n");
        }

        html.Append(CultureInfo.InvariantCulture,
            $"</tbody>\n</table></div>\n<p class=\"noted\">Target drift, label shift and concept drift of all windows of four weeks share a ")
            .Append(CultureInfo.InvariantCulture, $"chance of {report.Significance:P1} of being named without a change.</p>\n");
        if (newest.Estimated?.Withdrawn is { } withdrawn)
        {
            html.Append(CultureInfo.InvariantCulture,
                $"<p class=\"failed\">The estimate without labels is withdrawn: {PlotPage.Encode(withdrawn)}</p>\n");
        }
    }

    private static void AppendTable(StringBuilder html, WindowPerformance[] windows)
    {
        string[] names = [.. MetricNames.All.Where(name => windows.Any(window => window.Metrics.ContainsKey(name)))];
        string[] estimated = [.. MetricNames.All.Where(name => windows.Any(window => window.Estimated?.Metrics.ContainsKey(name) == true))
            .Take(1)];
        html.Append("<h3>Figures</h3>\n<div class=\"wide\"><table>\n<thead><tr><th>Window</th><th>Rows</th><th>Labelled</th>")
            .AppendJoin("", names.Select(name => $"<th>{name}</th>"))
            .AppendJoin("", estimated.Select(name => $"<th>Estimated {name}</th>")).Append("</tr></thead>\n<tbody>\n");
        foreach (WindowPerformance window in windows)
        {
            html.Append(CultureInfo.InvariantCulture,
                $"<tr><td>{window.From:yyyy-MM-dd HH:mm}</td><td class=\"number\">{window.Rows:N0}</td>")
                .Append(CultureInfo.InvariantCulture, $"<td class=\"number\">{window.Labelled:N0}</td>");
            foreach (string name in names)
            {
                html.Append(CultureInfo.InvariantCulture,
                    $"<td class=\"number\">{(window.Metrics.TryGetValue(name, out MetricValue? value) ? Text(value) : "")}</td>");
            }

            foreach (string name in estimated)
            {
                string estimate = window.Estimated is not { } expected || !expected.Metrics.TryGetValue(name, out MetricValue? figure) ? ""
                    : expected.Withdrawn is null ? Text(figure) : $"<s>{Text(figure)}</s> <span class=\"failed\">withdrawn</span>";
                html.Append(CultureInfo.InvariantCulture, $"<td class=\"number\">{estimate}</td>");
            }

            html.Append("</tr>\n");
        }

        html.Append("</tbody>\n</table></div>\n<ul>").AppendJoin("", windows.SelectMany(window => window.Notes)
            .Concat(windows.Select(window => window.Estimated?.Withdrawn).OfType<string>().Select(reason => $"Withdrawn: {reason}"))
            .Distinct().Select(note => $"<li>{PlotPage.Encode(note)}</li>")).Append("</ul>\n");
    }

    private static string Words(ChangeKind kind) => kind switch
    {
        ChangeKind.InputDrift => "input drift",
        ChangeKind.PredictionDrift => "prediction drift",
        ChangeKind.TargetDrift => "target drift",
        ChangeKind.LabelShift => "label shift",
        _ => "concept drift",
    };
}
