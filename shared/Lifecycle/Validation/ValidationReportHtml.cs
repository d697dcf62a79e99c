using System.Globalization;
using System.Text;
using Modeldrop.Lifecycle.Replay;

namespace Modeldrop.Lifecycle.Validation;

/// <summary>A validation report as a page of its own.</summary>
public static class ValidationReportHtml
{
    public static string Render(ValidationReport report)
    {
        var html = new StringBuilder();
        string title = $"Validation of {report.Model}, version {report.Version}";
        ReportPage.Begin(html, title);
        html.Append(CultureInfo.InvariantCulture, $"<p class=\"{(report.IsValid ? "passed" : "failed")}\">{ReportPage.Encode(report.Summary)}</p>\n");
        html.Append("<h2>Checks</h2>\n");
        ReportPage.AppendChecks(html, report.Checks);
        AppendMetrics(html, report);
        ReplayHtml.Append(html, report.Replay);
        AppendEnvironment(html, report);
        return ReportPage.End(html);
    }

    private static void AppendMetrics(StringBuilder html, ValidationReport report)
    {
        if (report.Metrics is not { Values.Count: > 0 } metrics)
        {
            return;
        }

        string champion = report.ChampionMetrics is null ? "" : $"<th>Champion (version {report.Champion})</th>";
        html.Append(CultureInfo.InvariantCulture, $"<h2>Metrics on {metrics.Rows:N0} labelled rows</h2>\n<table>\n<thead><tr><th>Metric</th><th>This version</th>{champion}<th>Better</th></tr></thead>\n<tbody>\n");
        foreach ((string name, double value) in metrics.Values)
        {
            html.Append(CultureInfo.InvariantCulture, $"<tr><td>{ReportPage.Encode(name)}</td><td class=\"number\">{value:0.000000}</td>");
            if (report.ChampionMetrics is { } before)
            {
                html.Append(CultureInfo.InvariantCulture, $"<td class=\"number\">{(before.Values.TryGetValue(name, out double known) ? known.ToString("0.000000", CultureInfo.InvariantCulture) : "–")}</td>");
            }

            html.Append(CultureInfo.InvariantCulture, $"<td>{(MetricNames.IsLowerBetter(name) ? "lower" : "higher")}</td></tr>\n");
        }

        html.Append("</tbody>\n</table>\n");
    }

    private static void AppendEnvironment(StringBuilder html, ValidationReport report)
    {
        html.Append(CultureInfo.InvariantCulture, $"<h2>Made with</h2>\n<p>{report.At.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC");
        if (report.Environment is { } environment)
        {
            html.Append(CultureInfo.InvariantCulture, $"; ONNX Runtime {ReportPage.Encode(environment.OnnxRuntime)}; {environment.Processors} × {ReportPage.Encode(environment.Processor)}; {ReportPage.Encode(environment.OperatingSystem)}");
        }

        html.Append(".</p>\n");
    }
}
