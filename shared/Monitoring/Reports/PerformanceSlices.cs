using System.Globalization;
using System.Text;
using Modeldrop.Metrics;
using Modeldrop.Monitoring.Performance;
using Modeldrop.Plots;

namespace Modeldrop.Monitoring.Reports;

/// <summary>The slices of a window: metrics by group, and how far groups are apart.</summary>
internal static class PerformanceSlices
{
    /// <summary>What is plotted, the first ones that there are; the JSON form has all.</summary>
    private const int MaxPlots = 4;

    /// <summary>Of a plot; the JSON form has all.</summary>
    private const int MaxGroups = 20;

    public static void Append(StringBuilder html, WindowPerformance window, double significance)
    {
        foreach (SliceReport slice in window.Slices ?? [])
        {
            html.Append(CultureInfo.InvariantCulture, $"<h3>By {PlotPage.Encode(string.Join(" and ", slice.Inputs))}</h3>\n");
            if (slice.Problem is { } problem)
            {
                html.Append(CultureInfo.InvariantCulture, $"<p>{PlotPage.Encode(problem)}</p>\n");
                continue;
            }

            PerformanceSlice[] worse = [.. slice.Groups.Where(group => group.Worse.Count > 0)];
            string verdict = worse.Length == 0 ? "No group is worse than the others beyond chance and what matters"
                : "Worse than the others: "
                    + string.Join("; ", worse.Take(20).Select(part => $"{NameOf(part)} ({string.Join(", ", part.Worse)})"));
            string more = slice.More == 0 ? "" : string.Create(CultureInfo.InvariantCulture,
                $" {slice.More:N0} rarer groups are left out.");
            html.Append(CultureInfo.InvariantCulture,
                $"<p class=\"{(worse.Length == 0 ? "passed" : "failed")}\">{PlotPage.Encode(verdict)}.{more}</p>\n")
                .Append(CultureInfo.InvariantCulture,
                    $"<p class=\"noted\">All groups, metrics and slices share a chance of {significance:P1} ")
                .Append("of a false alarm; the whiskers are 95 % each.</p>\n");
            foreach (string name in MetricNames.All.Where(name => slice.Groups.Any(group => group.Metrics.ContainsKey(name)))
                .Take(MaxPlots))
            {
                PerformanceSlice[] shown = [.. slice.Groups.Where(group => group.Metrics.ContainsKey(name)).Take(MaxGroups)];
                string title = shown.Length < slice.Groups.Count ? $"{name} of the {shown.Length} largest groups" : $"{name} by group";
                html.Append(GroupPlot.Draw(title, [.. shown.Select(group => Value(group, name))],
                    window.Metrics.GetValueOrDefault(name)?.Value));
            }

            AppendGaps(html, slice);
        }
    }

    private static void AppendGaps(StringBuilder html, SliceReport slice)
    {
        if (slice.Gaps is not { } gaps)
        {
            return;
        }

        html.Append(CultureInfo.InvariantCulture,
            $"<h4>How groups are treated (class '{PlotPage.Encode(gaps.Positive)}')</h4>\n<div class=\"wide\"><table>\n<thead><tr>")
            .Append("<th>Rate</th><th>Widest gap</th><th>from</th><th>to</th><th>Highest</th><th>Lowest</th></tr></thead>\n<tbody>\n");
        foreach ((string name, RateGap? gap) in ((string, RateGap?)[])[("selection rate", gaps.SelectionRate),
            ("true positive rate", gaps.TruePositiveRate), ("false positive rate", gaps.FalsePositiveRate)])
        {
            if (gap is null)
            {
                html.Append(CultureInfo.InvariantCulture,
                    $"<tr><td>{name}</td><td colspan=\"5\" class=\"noted\">fewer than two groups have ten such rows</td></tr>\n");
                continue;
            }

            html.Append(CultureInfo.InvariantCulture,
                $"<tr><td>{name}</td><td class=\"number{(gap.Low > 0 ? " failed" : "")}\">{gap.Gap:0.000}</td>")
                .Append(CultureInfo.InvariantCulture,
                    $"<td class=\"number\">{gap.Low:0.000}</td><td class=\"number\">{gap.High:0.000}</td>")
                .Append(CultureInfo.InvariantCulture, $"<td>{PlotPage.Encode(Rate(gap, gap.Highest))}</td>")
                .Append(CultureInfo.InvariantCulture, $"<td>{PlotPage.Encode(Rate(gap, gap.Lowest))}</td></tr>\n");
        }

        html.Append(
            "</tbody>\n</table></div>\n<p class=\"noted\">The bounds of all gaps hold together with 95 %, whichever two groups are ")
            .Append("farthest apart.</p>\n");
    }

    private static string Rate(RateGap gap, string name) => string.Create(
        CultureInfo.InvariantCulture,
            $"{name}: {gap.Rates.First(rate => rate.Group == name).Value:0.000} of {gap.Rates.First(rate => rate.Group == name).Rows:N0}");

    private static string Named(PerformanceSlice group) => string.Create(CultureInfo.InvariantCulture,
        $"{NameOf(group)} ({group.Labelled:N0})");

    private static string NameOf(PerformanceSlice group) => string.Join(", ", group.Values);

    private static GroupValue Value(PerformanceSlice group, string name) => new(
        Named(group), group.Metrics[name].Value, group.Metrics[name].Low, group.Metrics[name].High,
        PerformancePage.Text(group.Metrics[name]), group.Worse.Contains(name));
}
