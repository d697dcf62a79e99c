using System.Globalization;
using System.Text;
using Modeldrop.Metrics;
using Modeldrop.Monitoring.Reports;
using Modeldrop.Plots;
using Modeldrop.Probe;

namespace Modeldrop.Lifecycle.Validation;

/// <summary>A validation report as a page of its own.</summary>
public static class ValidationReportHtml
{
    public static string Render(ValidationReport report)
    {
        var html = new StringBuilder();
        string title = $"Validation of {report.Model}, version {report.Version}";
        PlotPage.Begin(html, title);
        html.Append(CultureInfo.InvariantCulture, $"<p class=\"{(report.IsValid ? "passed" : "failed")}\">{PlotPage.Encode(report.Summary)}</p>\n");
        html.Append("<h2>Checks</h2>\n");
        ReportPage.AppendChecks(html, report.Checks);
        AppendMetrics(html, report);
        AppendLatency(html, report);
        ReplayHtml.Append(html, report.Replay);
        AppendEnvironment(html, report);
        return PlotPage.End(html);
    }

    private static void AppendMetrics(StringBuilder html, ValidationReport report)
    {
        if (report.Metrics is not { Values.Count: > 0 } metrics)
        {
            return;
        }

        html.Append(CultureInfo.InvariantCulture, $"<h2>Metrics on {metrics.Rows:N0} labelled rows</h2>\n");
        IntervalRow[] rows = [.. metrics.Values.Select(pair => new IntervalRow(
            pair.Key + (MetricNames.IsLowerBetter(pair.Key) ? " ↓" : " ↑"), [Interval(metrics, pair.Key), .. report.ChampionMetrics is { } champion ? [Interval(champion, pair.Key)] : (PlotInterval?[])[]]))];
        html.Append(IntervalPlot.Draw("Metrics with their 95 % intervals", Series(report), rows))
            .Append("<p class=\"noted\">Whiskers are 95 % intervals; ↑ more is better, ↓ less is better. Each metric has its own scale.</p>\n");
        if (metrics.Figures is { } figures)
        {
            FigurePlots.Append(html,
                [($"version {report.Version}", figures), ($"champion (version {report.Champion})", report.ChampionMetrics?.Figures)]);
        }

        if (report.MetricDifferences is { Count: > 0 } differences)
        {
            html.Append("<table>\n<thead><tr><th>Difference to the champion, on the same rows</th><th>from</th><th>to</th><th>Meaning</th></tr></thead>\n<tbody>\n");
            foreach ((string name, MetricInterval difference) in differences)
            {
                html.Append(CultureInfo.InvariantCulture, $"<tr><td>{PlotPage.Encode(name)}</td><td class=\"number\">{difference.Low:+0.0000;-0.0000;0}</td><td class=\"number\">{difference.High:+0.0000;-0.0000;0}</td><td>{Meaning(name, difference)}</td></tr>\n");
            }

            html.Append("</tbody>\n</table>\n");
        }
    }

    private static void AppendLatency(StringBuilder html, ValidationReport report)
    {
        if (report.Latency is { } latency)
        {
            BarGroup[] groups =
            [
                Group("half", figures => figures.P50Ms),
                Group("95 %", figures => figures.P95Ms),
                Group("99 %", figures => figures.P99Ms),
            ];
            html.Append(CultureInfo.InvariantCulture, $"<h2>Time of a single row, {latency.Runs:N0} runs</h2>\n").Append(BarPlot.Draw("Time in the model of at most so many rows", Series(report), groups, " ms"));
        }

        BarGroup Group(string name, Func<LatencyFigures, double> figure) => new(name, [.. new[] { report.Latency, report.ChampionLatency }.OfType<LatencyFigures>().Select(figure)]);
    }

    private static string[] Series(ValidationReport report) =>
        report.Champion is null ? [$"version {report.Version}"] : [$"version {report.Version}", $"champion (version {report.Champion})"];

    private static PlotInterval? Interval(ModelMetrics metrics, string name)
    {
        if (!metrics.Values.TryGetValue(name, out double value))
        {
            return null;
        }

        MetricInterval? interval = metrics.Intervals?.GetValueOrDefault(name);
        string between = interval is null ? "" : string.Create(CultureInfo.InvariantCulture, $" ({interval.Low:0.0000} to {interval.High:0.0000})");
        return new PlotInterval(value, interval?.Low, interval?.High, value.ToString("0.0000", CultureInfo.InvariantCulture) + between);
    }

    private static string Meaning(string name, MetricInterval difference) =>
        difference is { Low: <= 0, High: >= 0 } ? "within the noise" : difference.Low > 0 == MetricNames.IsLowerBetter(name) ? "worse" : "better";

    private static void AppendEnvironment(StringBuilder html, ValidationReport report)
    {
        html.Append(CultureInfo.InvariantCulture, $"<h2>Made with</h2>\n<p>{report.At.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC");
        if (report.Environment is { } environment)
        {
            html.Append(CultureInfo.InvariantCulture, $"; ONNX Runtime {PlotPage.Encode(environment.OnnxRuntime)}; {environment.Processors} × {PlotPage.Encode(environment.Processor)}; {PlotPage.Encode(environment.OperatingSystem)}");
        }

        html.Append(".</p>\n");
    }
}
