using System.Globalization;
using System.Net;
using System.Text;
using Modeldrop.Lifecycle.Replay;

namespace Modeldrop.Lifecycle.Validation;

/// <summary>A validation report as a page of its own: no script, nothing loaded from elsewhere, every text encoded.</summary>
public static class ValidationReportHtml
{
    private const string Style = """
        body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}
        h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}
        table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid #d0d7de}
        td.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
        .passed{color:#116329}.failed{color:#a40e26;font-weight:600}.skipped,.noted{color:#57606a}
        ul{margin:.3rem 0 0;padding-left:1.2rem;color:#57606a}
        """;

    public static string Render(ValidationReport report)
    {
        var html = new StringBuilder();
        string title = $"Validation of {report.Model}, version {report.Version}";
        html.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
            .Append(CultureInfo.InvariantCulture, $"<title>{Encode(title)}</title>\n<style>{Style}</style>\n</head>\n<body>\n<h1>{Encode(title)}</h1>\n")
            .Append(CultureInfo.InvariantCulture, $"<p class=\"{(report.IsValid ? "passed" : "failed")}\">{Encode(report.Summary)}</p>\n");
        AppendChecks(html, report.Checks);
        AppendMetrics(html, report);
        ReplayHtml.Append(html, report.Replay);
        AppendEnvironment(html, report);
        return html.Append("</body>\n</html>\n").ToString();
    }

    private static void AppendChecks(StringBuilder html, IReadOnlyList<ValidationCheck> checks)
    {
        html.Append("<h2>Checks</h2>\n<table>\n<thead><tr><th>Check</th><th>Verdict</th><th>Finding</th></tr></thead>\n<tbody>\n");
        foreach (ValidationCheck check in checks)
        {
            string verdict = Word(check.Verdict);
            html.Append(CultureInfo.InvariantCulture, $"<tr><td>{Encode(check.Name)}</td><td class=\"{verdict}\">{verdict}</td><td>{Encode(check.Explanation)}");
            if (check.Details is { Count: > 0 } details)
            {
                html.Append("<ul>").AppendJoin("", details.Select(detail => $"<li>{Encode(detail)}</li>")).Append("</ul>");
            }

            html.Append("</td></tr>\n");
        }

        html.Append("</tbody>\n</table>\n");
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
            html.Append(CultureInfo.InvariantCulture, $"<tr><td>{Encode(name)}</td><td class=\"number\">{value:0.000000}</td>");
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
            html.Append(CultureInfo.InvariantCulture, $"; ONNX Runtime {Encode(environment.OnnxRuntime)}; {environment.Processors} × {Encode(environment.Processor)}; {Encode(environment.OperatingSystem)}");
        }

        html.Append(".</p>\n");
    }

    private static string Word(CheckVerdict verdict) => verdict switch
    {
        CheckVerdict.Passed => "passed",
        CheckVerdict.Failed => "failed",
        CheckVerdict.Skipped => "skipped",
        _ => "noted",
    };

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}
