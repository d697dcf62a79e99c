using Microsoft.AspNetCore.Components;
using Modeldrop.Monitoring.Alerts;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Names;
using Modeldrop.Pages;
using Modeldrop.Pages.Plots;
using Modeldrop.Registry;

namespace Modeldrop.Site.Models;

/// <summary>Draws champions, rollouts, drift checks and alerts on one time axis.</summary>
public static class ModelTimeline
{
    private const double Width = 1180;
    private const double Left = 92;
    private const double Right = 12;
    private const double Row = 34;
    private const double Bar = 20;
    private const double Foot = 28;
    private const double LetterWidth = 7.5;
    private static readonly TimeSpan Longest = TimeSpan.FromDays(90);
    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(10);

    /// <param name="events">Events of the registry, newest first.</param>
    /// <param name="checks">Newest first.</param>
    /// <param name="alerts">Newest first.</param>
    public static MarkupString Draw(
        string model, DateTimeOffset now, IReadOnlyList<RegistryEvent> events, IReadOnlyList<DriftVerdict> checks,
        IReadOnlyList<Alert> alerts)
    {
        DateTimeOffset oldest = events.Count == 0 ? now : events[^1].At;
        DateTimeOffset from = now - oldest > Longest ? now - Longest : now - oldest < Shortest ? now - Shortest : oldest;
        double X(DateTimeOffset at) => Left + (Math.Clamp((at - from) / (now - from), 0, 1) * (Width - Left - Right));
        var svg = new SvgWriter(Width, (4 * Row) + Foot, $"What served {model} since {Figures.Minute(from)}, and what happened meanwhile",
            "plot timeline");
        foreach ((int index, string name) in ((string[])["Champion", "Rollout", "Drift", "Alerts"]).Index())
        {
            svg.Text(Left - 10, (index * Row) + 20, name, "end", "soft");
            svg.Line(Left, (index * Row) + 27, Width - Right, (index * Row) + 27, "axis");
        }

        DrawChampions(svg, events, now, X);
        DrawRollouts(svg, events, now, X);
        foreach (DriftVerdict check in checks.Where(check => check.CheckedAt >= from).Reverse())
        {
            string style = !check.HasVerdict ? "none" : check.Drifted ? "bad" : "good";
            svg.Circle(X(check.CheckedAt), (2 * Row) + 15, 4, style, $"{Figures.Minute(check.CheckedAt)}: {check.Summary}");
        }

        foreach (Alert alert in alerts.Where(alert => alert.At >= from))
        {
            svg.Circle(X(alert.At), (3 * Row) + 15, 5, alert.Resolved ? "good" : "bad", $"{Figures.Minute(alert.At)}: {alert.Summary}");
        }

        foreach ((double share, string anchor) in ((double, string)[])[(0, "start"), (0.5, "middle"), (1, "end")])
        {
            double x = Left + (share * (Width - Left - Right));
            svg.Text(x, (4 * Row) + 20, Instant(from + (share * (now - from)), now - from), anchor, "soft");
        }

        return svg.End();
    }

    private static void DrawChampions(
        SvgWriter svg, IReadOnlyList<RegistryEvent> events, DateTimeOffset now, Func<DateTimeOffset, double> x)
    {
        DateTimeOffset end = now;
        foreach (RegistryEvent one in events)
        {
            if (one is AliasMoved moved && moved.Alias == AliasName.Champion.Value)
            {
                string why = moved.RolledBack ? "rolled back to" : "champion";
                string hint = $"version {moved.To}, {why} from {Figures.Minute(moved.At)} by {moved.Actor.Name}";
                Band(svg, x(moved.At), x(end), moved.To, hint);
                end = moved.At;
            }
            else if (one is AliasDeleted deleted && deleted.Alias == AliasName.Champion.Value)
            {
                end = deleted.At;
            }
        }
    }

    private static void Band(SvgWriter svg, double from, double to, int version, string hint)
    {
        svg.Rectangle(from, 5, to - from, Bar, $"band series-{version % PlotStyle.MaxSeries}", hint);
        string name = $"v{version}";
        if (to - from > (name.Length * LetterWidth) + 8)
        {
            svg.Text(from + 6, 19, name, "start", "onband");
        }
    }

    /// <summary>Draws shares of the traffic; the height of a bar is its share.</summary>
    private static void DrawRollouts(SvgWriter svg, IReadOnlyList<RegistryEvent> events, DateTimeOffset now, Func<DateTimeOffset, double> x)
    {
        DateTimeOffset end = now;
        foreach (RegistryEvent one in events)
        {
            if (one is TrafficShifted shifted)
            {
                double height = Bar * shifted.Percent / 100;
                if (shifted.Percent > 0)
                {
                    svg.Rectangle(x(shifted.At), Row + 5 + Bar - height, Math.Max(2, x(end) - x(shifted.At)), height, "share",
                        $"{shifted.Percent} % to version {shifted.Version} from {Figures.Minute(shifted.At)}");
                }

                end = shifted.At;
            }
            else if (one is AliasMoved moved && moved.Alias == AliasName.Champion.Value)
            {
                // The move of the champion ends the split.
                end = moved.At;
            }
        }
    }

    private static string Instant(DateTimeOffset at, TimeSpan span) =>
        span > TimeSpan.FromDays(3) ? Figures.Day(at) : Figures.Minute(at);
}
