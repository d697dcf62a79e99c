using System.Globalization;
using System.Text;
using Modeldrop.Manifests;
using Modeldrop.Metrics;
using Modeldrop.Monitoring.Performance;
using Modeldrop.Plots;

namespace Modeldrop.Monitoring.Reports;

/// <summary>The windows of a version on one time axis: each metric, the shares of the labels, the drift of the inputs.</summary>
internal static class PerformancePanels
{
    private static readonly string[] Legend = ["from labels", "validation", "estimated", "drift"];

    public static void Append(StringBuilder html, PerformanceReport report, VersionBaseline baseline,
        IReadOnlyList<WindowPerformance> windows)
    {
        TimePanel[] panels =
        [
            .. MetricNames.All.Where(name => windows.Any(
                window => window.Metrics.ContainsKey(name) || window.Estimated?.Metrics.ContainsKey(name) == true))
                .Select(name => OfMetric(name, baseline, windows)),
            .. OfLabels(windows) is { } labels ? (TimePanel[])[labels] : [],
            .. OfDrift(windows) is { } drift ? (TimePanel[])[drift] : [],
        ];
        if (panels.Length == 0)
        {
            return;
        }

        html.Append(TimePanels.Draw(
            $"Performance and drift of version {baseline.Version} over time", report.From, report.To, Legend, panels))
            .Append("<p class=\"noted\">Whiskers and the grey band: 95 %. Grey line: the validation. Dashed red: the manifest's bounds. ")
            .Append("Red dots: the hourly check found this metric worse, or the drift was significant. ")
            .Append("Hollow and dashed: a withdrawn estimate.</p>\n");
    }

    private static TimePanel OfMetric(string name, VersionBaseline baseline, IReadOnlyList<WindowPerformance> windows)
    {
        MetricBounds? bounds = baseline.Bounds.GetValueOrDefault(name);
        TimeLimit?[] limits =
        [
            bounds?.Min is { } min ? new TimeLimit($"at least {PlotNumbers.Figure(min)}", min) : null,
            bounds?.Max is { } max ? new TimeLimit($"at most {PlotNumbers.Figure(max)}", max) : null,
        ];
        return new TimePanel(
            name + (MetricNames.IsLowerBetter(name) ? " ↓" : " ↑"),
            [
                new PanelSeries(2, [.. windows.Where(window => window.Estimated?.Metrics.ContainsKey(name) == true)
                    .Select(window => Point(window, window.Estimated!.Metrics[name], "estimated", window.Estimated.Withdrawn))]),
                new PanelSeries(0, [.. windows.Where(window => window.Metrics.ContainsKey(name))
                    .Select(window => Point(window, window.Metrics[name], "from labels", null))]),
            ],
            baseline.Validation.TryGetValue(name, out MetricValue? before) ? new PanelLevel("validation", before.Value, before.Low,
                before.High) : null,
            [.. limits.OfType<TimeLimit>()],
            [.. baseline.Judged.SelectMany(judged => judged.Worse.Where(worse => worse.StartsWith($"{name} is ", StringComparison.Ordinal))
                .Select(worse => new PanelMark(Middle(judged.From, judged.To), worse)))]);
    }

    /// <summary>Of two classes the second's share, of more that of the class that is most frequent at validation.</summary>
    private static TimePanel? OfLabels(IReadOnlyList<WindowPerformance> windows)
    {
        WindowChange[] known = [.. windows.SelectMany(window => window.Changes).Where(change => change.Shares is { Count: > 1 })];
        if (known.Length == 0)
        {
            return null;
        }

        LabelShare shown = known[0].Shares!.Count == 2 ? known[0].Shares![1] : known[0].Shares!.MaxBy(share => share.Before)!;
        IEnumerable<PanelPoint> Of(ChangeKind kind) => from window in windows
            let change = window.Changes.FirstOrDefault(change => change.Kind == kind)
            let share = change?.Shares?.FirstOrDefault(share => share.Label == shown.Label)
            where share is not null
            select new PanelPoint(Middle(window.From, window.To), share.Now, share.Low, share.High, change.Summary);
        return new TimePanel(
            $"Share of '{shown.Label}'",
            [new PanelSeries(2, [.. Of(ChangeKind.LabelShift)]), new PanelSeries(0, [.. Of(ChangeKind.TargetDrift)])],
            new PanelLevel("validation", shown.Before, null, null), [],
            Marks(windows, ChangeKind.TargetDrift, ChangeKind.LabelShift), FromZero: true);
    }

    private static TimePanel? OfDrift(IReadOnlyList<WindowPerformance> windows)
    {
        PanelPoint[] points = [.. from window in windows
            let change = window.Changes.FirstOrDefault(change => change.Kind == ChangeKind.InputDrift)
            where change?.Distance is not null
            select new PanelPoint(Middle(window.From, window.To), change.Distance!.Value, null, null, change.Summary)];
        return points.Length == 0 ? null : new TimePanel(
            "Drift: largest Jensen-Shannon distance of an input", [new PanelSeries(3, points)], null, [],
                Marks(windows, ChangeKind.InputDrift), FromZero: true);
    }

    private static PanelMark[] Marks(IReadOnlyList<WindowPerformance> windows, params ChangeKind[] kinds) =>
        [.. windows.SelectMany(window => window.Changes.Where(change => change.State == ChangeState.Changed && kinds.Contains(change.Kind))
            .Select(change => new PanelMark(Middle(window.From, window.To), change.Summary)))];

    private static PanelPoint Point(WindowPerformance window, MetricValue value, string what, string? withdrawn)
    {
        string hint = string.Create(CultureInfo.InvariantCulture,
            $"{what}, {window.From:yyyy-MM-dd HH:mm} to {window.To:yyyy-MM-dd HH:mm}: {PerformancePage.Text(value)}");
        return new PanelPoint(Middle(window.From, window.To), value.Value, value.Low, value.High,
            withdrawn is null ? hint : $"{hint}, withdrawn: {withdrawn}", withdrawn is not null);
    }

    private static DateTimeOffset Middle(DateTimeOffset from, DateTimeOffset to) => from + ((to - from) / 2);
}
