using Microsoft.AspNetCore.Components;

namespace Modeldrop.Pages.Plots;

/// <summary>A value with its interval, or only a dot without one.</summary>
/// <param name="Text">The value in words, beside the dot.</param>
public sealed record PlotInterval(double Value, double? Low, double? High, string Text);

/// <summary>Values of one quantity, one for each series.</summary>
public sealed record IntervalRow(string Name, IReadOnlyList<PlotInterval?> Series);

/// <summary>
/// Dots with whiskers. Each quantity has a row with a scale of its own, which shows at a glance whether two values differ by more than
/// noise.
/// </summary>
public static class IntervalPlot
{
    private const double Width = 720;
    private const double NameWidth = 110;
    private const double TextWidth = 200;
    private const double LineHeight = 18;
    private const double Gap = 12;
    private const double Head = 24;

    /// <param name="series">Names for the legend.</param>
    public static MarkupString Draw(string title, IReadOnlyList<string> series, IReadOnlyList<IntervalRow> rows)
    {
        double height = Head + rows.Sum(row => (row.Series.Count * LineHeight) + Gap);
        var svg = new SvgWriter(Width, height, title);
        Legend.Draw(svg, NameWidth, series);
        double y = Head;
        foreach (IntervalRow row in rows)
        {
            DrawRow(svg, row, series, y);
            y += (row.Series.Count * LineHeight) + Gap;
        }

        return svg.End();
    }

    private static void DrawRow(SvgWriter svg, IntervalRow row, IReadOnlyList<string> series, double top)
    {
        (double low, double high) = Range(row);
        svg.Text(0, top + (row.Series.Count * LineHeight / 2) + 4, row.Name);
        svg.Line(0, top + (row.Series.Count * LineHeight) + (Gap / 2), Width, top + (row.Series.Count * LineHeight) + (Gap / 2), "axis");
        foreach ((int index, PlotInterval? interval) in row.Series.Index())
        {
            if (interval is null || !double.IsFinite(interval.Value))
            {
                continue;
            }

            double y = top + (index * LineHeight) + (LineHeight / 2);
            string style = PlotStyle.Series(index);
            if (interval is { Low: { } from, High: { } to })
            {
                svg.Line(X(from), y, X(to), y, style);
                svg.Line(X(from), y - 3, X(from), y + 3, style);
                svg.Line(X(to), y - 3, X(to), y + 3, style);
            }

            svg.Circle(X(interval.Value), y, 4, style, $"{series[index]}: {row.Name} {interval.Text}");
            svg.Text(Width - TextWidth + 16, y + 4, interval.Text, style: index == 0 ? "label" : "soft");
        }

        double X(double value) => NameWidth + ((value - low) / (high - low) * (Width - NameWidth - TextWidth));
    }

    private static (double Low, double High) Range(IntervalRow row)
    {
        double[] values = [
            .. row.Series.OfType<PlotInterval>().SelectMany(one => (double[])[one.Value, one.Low ?? one.Value, one.High ?? one.Value])
                .Where(double.IsFinite)];
        if (values.Length == 0)
        {
            return (0, 1);
        }

        (double low, double high) = (values.Min(), values.Max());
        double margin = high > low ? (high - low) * 0.06 : Math.Max(Math.Abs(high) * 0.01, 1e-9);
        return (low - margin, high + margin);
    }
}
