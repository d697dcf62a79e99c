using Microsoft.AspNetCore.Components;

namespace Modeldrop.Pages.Plots;

/// <summary>A point, with the bounds of its height if it has them.</summary>
public sealed record UnitPoint(double X, double Y, double? Low = null, double? High = null, string? Hint = null);

/// <summary>A line through points.</summary>
public sealed record UnitCurve(string Name, IReadOnlyList<UnitPoint> Points);

/// <summary>Lines in a square of 0 to 1, such as ROC, precision and recall, and reliability.</summary>
public static class UnitPlot
{
    private const double Width = 330;
    private const double Left = 46;
    private const double Top = 66;
    private const double Side = 270;
    private const double Bottom = 40;

    /// <param name="x">Title of the horizontal axis.</param>
    /// <param name="y">Title of the vertical axis.</param>
    /// <param name="hasDiagonal">Whether to draw a line from (0, 0) to (1, 1), which shows the result of chance, or of perfect
    /// calibration.</param>
    /// <param name="level">The result of chance, as a horizontal line; null: none.</param>
    /// <param name="hasDots">Whether points are dots with whiskers.</param>
    public static MarkupString Draw(
        string title, string x, string y, IReadOnlyList<UnitCurve> curves, bool hasDiagonal, double? level = null, bool hasDots = false)
    {
        var svg = new SvgWriter(Width, Top + Side + Bottom, title);
        svg.Text(0, 14, title);
        double X(double value) => Left + (Math.Clamp(value, 0, 1) * Side);
        double Y(double value) => Top + Side - (Math.Clamp(value, 0, 1) * Side);
        double at = Left;
        foreach ((int index, UnitCurve curve) in curves.Index())
        {
            svg.Rectangle(at, 26, 10, 10, PlotStyle.Series(index), curve.Name);
            svg.Text(at + 14, 35, curve.Name, style: "soft");
            at += 26 + (curve.Name.Length * 6.4);
        }

        foreach (double tick in (double[])[0, 0.25, 0.5, 0.75, 1])
        {
            svg.Line(Left, Y(tick), Left + Side, Y(tick), "axis");
            svg.Line(X(tick), Top, X(tick), Top + Side, "axis");
            svg.Text(Left - 5, Y(tick) + 4, Figures.Short(tick), "end", "soft");
            svg.Text(X(tick), Top + Side + 14, Figures.Short(tick), "middle", "soft");
        }

        svg.Text(Left + (Side / 2), Top + Side + 32, x, "middle", "soft");
        svg.Text(0, Top - 10, y, "start", "soft");
        if (hasDiagonal)
        {
            svg.Line(X(0), Y(0), X(1), Y(1), "reference");
        }

        if (level is { } height)
        {
            svg.Line(X(0), Y(height), X(1), Y(height), "reference");
        }

        // The first curve is the subject of the page, so it is drawn on top.
        foreach ((int index, UnitCurve curve) in curves.Index().Reverse())
        {
            DrawCurve(svg, curve, PlotStyle.Series(index), hasDots, X, Y);
        }

        return svg.End();
    }

    private static void DrawCurve(
        SvgWriter svg, UnitCurve curve, string style, bool hasDots, Func<double, double> x, Func<double, double> y)
    {
        svg.Polyline(curve.Points.Select(point => (x(point.X), y(point.Y))), style);
        foreach (UnitPoint point in hasDots ? curve.Points : [])
        {
            if (point is { Low: { } low, High: { } high })
            {
                svg.Line(x(point.X), y(low), x(point.X), y(high), $"{style} whisker");
            }

            svg.Circle(x(point.X), y(point.Y), 3.5, style, point.Hint ?? $"{Figures.Short(point.X)}, {Figures.Short(point.Y)}");
        }
    }
}
