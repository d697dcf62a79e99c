using System.Globalization;
using System.Text;
using Modeldrop.Metrics;
using Modeldrop.Monitoring.Performance;
using Modeldrop.Plots;

namespace Modeldrop.Monitoring.Reports;

/// <summary>Performance as a page: each metric over time with its band, realised beside estimated, and the figures.</summary>
public static class PerformancePage
{
    public static string Render(PerformanceReport report)
    {
        var html = new StringBuilder();
        PlotPage.Begin(html, $"Performance of {report.Model}");
        html.Append(CultureInfo.InvariantCulture,
            $"<p>From {report.From:u} to {report.To:u} by event time{(report.AsOf is { } asOf ? $", as it was known at {asOf.ToString("u", CultureInfo.InvariantCulture)}" : "")}. {report.Transactions} storage transactions.</p>\n");
        if (report.Windows.Count == 0)
        {
            html.Append("<p>No request of this time is in the log.</p>\n");
        }

        foreach (IGrouping<int, WindowPerformance> version in report.Windows.GroupBy(window => window.Version).OrderBy(group => group.Key))
        {
            html.Append(CultureInfo.InvariantCulture, $"<h2>Version {version.Key}</h2>\n");
            WindowPerformance[] windows = [.. version];
            foreach (string name in MetricNames.All.Where(name => windows.Any(window => window.Metrics.ContainsKey(name) || window.Estimated?.Metrics.ContainsKey(name) == true)))
            {
                AppendPlot(html, name, windows);
            }

            AppendTable(html, windows);
            AppendSlices(html, windows);
        }

        return PlotPage.End(html);
    }

    private static void AppendPlot(StringBuilder html, string name, WindowPerformance[] windows)
    {
        TimeSeries realised = new("realised", [.. windows.Where(window => window.Metrics.ContainsKey(name)).Select(window => Point(window, window.Metrics[name]))]);
        TimeSeries estimated = new("estimated", [.. windows.Where(window => window.Estimated?.Metrics.ContainsKey(name) == true).Select(window => Point(window, window.Estimated!.Metrics[name]))]);
        if (windows.Length > 1)
        {
            html.Append(CultureInfo.InvariantCulture, $"<h3>{name}</h3>\n").Append(TimePlot.Draw($"{name} by window", estimated.Points.Count > 0 ? [realised, estimated] : [realised], [], fromZero: false));
        }
    }

    private static void AppendTable(StringBuilder html, WindowPerformance[] windows)
    {
        string[] names = [.. MetricNames.All.Where(name => windows.Any(window => window.Metrics.ContainsKey(name)))];
        html.Append("<div class=\"wide\"><table>\n<thead><tr><th>Window</th><th>Rows</th><th>Labelled</th>").AppendJoin("", names.Select(name => $"<th>{name}</th>")).Append("<th>Estimated accuracy</th></tr></thead>\n<tbody>\n");
        foreach (WindowPerformance window in windows)
        {
            html.Append(CultureInfo.InvariantCulture, $"<tr><td>{window.From:yyyy-MM-dd HH:mm}</td><td class=\"number\">{window.Rows:N0}</td><td class=\"number\">{window.Labelled:N0}</td>");
            foreach (string name in names)
            {
                html.Append(CultureInfo.InvariantCulture, $"<td class=\"number\">{(window.Metrics.TryGetValue(name, out MetricValue? value) ? Text(value) : "")}</td>");
            }

            string estimate = window.Estimated is not { } estimated || !estimated.Metrics.TryGetValue(MetricNames.Accuracy, out MetricValue? expected) ? ""
                : $"{Text(expected)}{(estimated.Withdrawn is { } reason ? $"<br><span class=\"failed\">withdrawn</span> <small>{PlotPage.Encode(reason)}</small>" : "")}";
            html.Append(CultureInfo.InvariantCulture, $"<td>{estimate}</td></tr>\n");
        }

        html.Append("</tbody>\n</table></div>\n<ul>").AppendJoin("", windows.SelectMany(window => window.Notes).Distinct().Select(note => $"<li>{PlotPage.Encode(note)}</li>")).Append("</ul>\n");
    }

    private static void AppendSlices(StringBuilder html, WindowPerformance[] windows)
    {
        if (windows is not [{ Slices: { Count: > 0 } slices }])
        {
            return;
        }

        html.Append("<h3>By slice</h3>\n");
        foreach (string name in MetricNames.All.Where(name => slices.Any(slice => slice.Metrics.ContainsKey(name))))
        {
            html.Append(IntervalPlot.Draw($"{name} by slice", [name],
                [.. slices.Where(slice => slice.Metrics.ContainsKey(name)).Select(slice => new IntervalRow(
                    $"{slice.Value} ({slice.Labelled.ToString("N0", CultureInfo.InvariantCulture)})", [new PlotInterval(slice.Metrics[name].Value, slice.Metrics[name].Low, slice.Metrics[name].High, Text(slice.Metrics[name]))]))]));
        }
    }

    /// <summary>In the middle of its window.</summary>
    private static TimePoint Point(WindowPerformance window, MetricValue value) => new(window.From + ((window.To - window.From) / 2), value.Value, value.Low, value.High);

    private static string Text(MetricValue value) => value is { Low: { } low, High: { } high }
        ? string.Create(CultureInfo.InvariantCulture, $"{value.Value:0.0000} ({low:0.0000} to {high:0.0000})")
        : string.Create(CultureInfo.InvariantCulture, $"{value.Value:0.0000}");
}
