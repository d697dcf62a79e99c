using Microsoft.AspNetCore.Components;

namespace Modeldrop.Pages.Plots;

/// <summary>A bound for the values of a panel.</summary>
public sealed record TimeLimit(string Name, double Value);

/// <summary>A value at an instant, with its interval if it has one.</summary>
/// <param name="Hint">Shown under the pointer.</param>
/// <param name="IsDoubted">Whether it is drawn hollow and dashed.</param>
public sealed record PanelPoint(DateTimeOffset At, double Value, double? Low, double? High, string Hint, bool IsDoubted = false);

/// <summary>Values of one series over time, in order.</summary>
/// <param name="Colour">Number of the series in the legend.</param>
public sealed record PanelSeries(int Colour, IReadOnlyList<PanelPoint> Points);

/// <summary>A value for comparison, with its interval.</summary>
public sealed record PanelLevel(string Name, double Value, double? Low, double? High);

/// <summary>An instant of a finding.</summary>
public sealed record PanelMark(DateTimeOffset At, string Hint);

/// <summary>One quantity of a figure.</summary>
/// <param name="Level">Drawn as a line with a band.</param>
/// <param name="Limits">Drawn as dashed lines with their names.</param>
/// <param name="Marks">Drawn as red lines.</param>
/// <param name="FromZero">Whether the scale begins at 0.</param>
public sealed record TimePanel(
    string Title,
    IReadOnlyList<PanelSeries> Series,
    PanelLevel? Level,
    IReadOnlyList<TimeLimit> Limits,
    IReadOnlyList<PanelMark> Marks,
    bool FromZero = false);

/// <summary>Quantities above each other on one time axis, which shows what happens at the same time.</summary>
public static class TimePanels
{
    private const double Width = 720;
    private const double Left = 70;
    private const double Right = 14;
    private const double Head = 34;
    private const double Title = 24;
    private const double Body = 120;
    private const double Gap = 14;
    private const double Foot = 26;
    private const double LegendLetter = 9.5;

    /// <summary>Number of points above which whiskers would overlap.</summary>
    private const int MaxWhiskers = 60;

    /// <param name="legend">Names of the series, by their colour.</param>
    public static MarkupString Draw(
        string title, DateTimeOffset from, DateTimeOffset to, IReadOnlyList<string> legend, IReadOnlyList<TimePanel> panels)
    {
        double height = Head + (panels.Count * (Title + Body + Gap)) + Foot;
        var svg = new SvgWriter(Width, height, title, "plot panels");
        double place = Left;
        foreach ((int index, string name) in legend.Index())
        {
            svg.Rectangle(place, 4, 10, 10, PlotStyle.Series(index), name);
            svg.Text(place + 15, 14, name);
            place += 40 + (name.Length * LegendLetter);
        }

        double X(DateTimeOffset at) => to <= from ? (Left + Width - Right) / 2
            : Left + (Math.Clamp((at - from) / (to - from), 0, 1) * (Width - Left - Right));
        foreach ((int index, TimePanel panel) in panels.Index())
        {
            DrawPanel(svg, panel, Head + (index * (Title + Body + Gap)) + Title, X);
        }

        foreach ((double share, string anchor) in ((double, string)[])[(0, "start"), (0.5, "middle"), (1, "end")])
        {
            double x = Left + (share * (Width - Left - Right));
            svg.Line(x, height - Foot - Gap, x, height - Foot - Gap + 5, "axis");
            svg.Text(x, height - 12, Instant(from + (share * (to - from)), to - from), anchor, "soft");
        }

        return svg.End();
    }

    private static void DrawPanel(SvgWriter svg, TimePanel panel, double top, Func<DateTimeOffset, double> x)
    {
        (double low, double high, double[] ticks) = Scale(panel);
        double Y(double value) => top + Body - ((value - low) / (high - low) * Body);
        svg.Text(Left, top - 8, panel.Title);
        foreach (double tick in ticks)
        {
            svg.Line(Left, Y(tick), Width - Right, Y(tick), "axis");
            svg.Text(Left - 6, Y(tick) + 4, Figures.Compact(tick), "end", "soft");
        }

        if (panel.Level is { } level)
        {
            if (level is { Low: { } from, High: { } to })
            {
                svg.Rectangle(Left, Y(to), Width - Left - Right, Y(from) - Y(to), "level",
                    $"{level.Name}: {Figures.Compact(from)} to {Figures.Compact(to)}");
            }

            svg.Line(Left, Y(level.Value), Width - Right, Y(level.Value), "reference");
            svg.Text(Width - Right, top - 8, $"{level.Name} {Figures.Compact(level.Value)}", "end", "soft");
        }

        foreach (TimeLimit limit in panel.Limits)
        {
            svg.Line(Left, Y(limit.Value), Width - Right, Y(limit.Value), "limit");
            svg.Text(Left + 4, Y(limit.Value) - 4, limit.Name, "start", "soft");
        }

        foreach (PanelMark mark in panel.Marks)
        {
            svg.Line(x(mark.At), top, x(mark.At), top + Body, "mark");
            svg.Circle(x(mark.At), top, 4.5, "mark", mark.Hint);
        }

        foreach (PanelSeries series in panel.Series)
        {
            DrawSeries(svg, series, x, Y);
        }
    }

    private static void DrawSeries(SvgWriter svg, PanelSeries series, Func<DateTimeOffset, double> x, Func<double, double> y)
    {
        PanelPoint[] known = [.. series.Points.Where(point => double.IsFinite(point.Value))];
        string style = PlotStyle.Series(series.Colour);
        foreach ((PanelPoint one, PanelPoint next) in known.Zip(known.Skip(1)))
        {
            svg.Line(x(one.At), y(one.Value), x(next.At), y(next.Value), one.IsDoubted || next.IsDoubted ? $"{style} doubted" : style);
        }

        foreach (PanelPoint point in known)
        {
            string shape = point.IsDoubted ? $"{style} doubted" : style;
            if (point is { Low: { } low, High: { } high } && known.Length <= MaxWhiskers)
            {
                svg.Line(x(point.At), y(low), x(point.At), y(high), $"{shape} whisker");
            }

            svg.Circle(x(point.At), y(point.Value), known.Length <= MaxWhiskers ? 3.5 : 2, shape, point.Hint);
        }
    }

    /// <summary>Scales in steps of 1, 2 or 5, with room for every value, bound and level.</summary>
    private static (double Low, double High, double[] Ticks) Scale(TimePanel panel)
    {
        double[] values =
        [
            .. panel.Series.SelectMany(series => series.Points).SelectMany(
                point => (double[])[point.Value, point.Low ?? point.Value, point.High ?? point.Value]),
            .. panel.Level is { } level ? (double[])[level.Value, level.Low ?? level.Value, level.High ?? level.Value] : [],
            .. panel.Limits.Select(limit => limit.Value),
        ];
        values = [.. values.Where(double.IsFinite), .. panel.FromZero ? (double[])[0] : []];
        (double least, double most) = values.Length == 0 ? (0, 1) : (values.Min(), values.Max());
        double span = Math.Max(most - least, Math.Max(Math.Abs(most) * 0.02, 1e-9));
        double power = Math.Pow(10, Math.Floor(Math.Log10(span / 3)));
        double step = power * Array.Find([1.0, 2, 5, 10], factor => power * factor >= span / 4);
        double low = Math.Floor(least / step) * step;
        double high = Math.Max(Math.Ceiling(most / step) * step, low + step);
        int steps = (int)Math.Round((high - low) / step);
        return (low, high, [.. Enumerable.Range(0, steps + 1).Select(tick => Math.Round(low + (tick * step), 12))]);
    }

    private static string Instant(DateTimeOffset at, TimeSpan span) =>
        span > TimeSpan.FromDays(3) ? Figures.Day(at) : Figures.Minute(at);
}
