using Microsoft.AspNetCore.Components;

namespace Modeldrop.Pages.Plots;

/// <summary>A value of a group with its interval.</summary>
/// <param name="Text">The value in words, beside the dot.</param>
/// <param name="IsMarked">Whether it is drawn in the warning colour.</param>
public sealed record GroupValue(string Name, double Value, double? Low, double? High, string Text, bool IsMarked = false);

/// <summary>One quantity by group on a common scale, so that groups can be compared.</summary>
public static class GroupPlot
{
    private const double Width = 720;
    private const double Left = 150;
    private const double Right = 200;
    private const double Line = 19;
    private const double Head = 44;
    private const double Foot = 8;
    private const int MaxName = 22;

    /// <param name="level">Value of all groups together, drawn as a line; null: not known.</param>
    public static MarkupString Draw(string title, IReadOnlyList<GroupValue> groups, double? level)
    {
        var svg = new SvgWriter(Width, Head + (groups.Count * Line) + Foot, title);
        double[] values = [.. groups.SelectMany(one => (double[])[one.Value, one.Low ?? one.Value, one.High ?? one.Value])
            .Concat(level is { } all ? [all] : []).Where(double.IsFinite)];
        (double low, double high) = values.Length == 0 ? (0, 1) : (values.Min(), values.Max());
        double margin = high > low ? (high - low) * 0.03 : Math.Max(Math.Abs(high) * 0.05, 1e-9);
        (low, high) = (low - margin, high + margin);
        double X(double value) => Left + ((value - low) / (high - low) * (Width - Left - Right));
        double bottom = Head + (groups.Count * Line);
        svg.Text(0, 14, title);
        foreach (double share in (double[])[0, 0.5, 1])
        {
            double value = low + margin + (share * (high - low - (2 * margin)));
            svg.Line(X(value), Head - 6, X(value), bottom, "axis");
            svg.Text(X(value), Head - 10, Figures.Compact(value), "middle", "soft");
        }

        if (level is { } whole)
        {
            svg.Line(X(whole), Head - 6, X(whole), bottom, "reference");
        }

        foreach ((int index, GroupValue group) in groups.Index())
        {
            double y = Head + (index * Line) + (Line / 2);
            string style = group.IsMarked ? "mark" : PlotStyle.Series(0);
            svg.Text(0, y + 4, group.Name.Length <= MaxName ? group.Name : $"{group.Name[..(MaxName - 1)]}…");
            if (group is { Low: { } from, High: { } to })
            {
                svg.Line(X(from), y, X(to), y, style);
            }

            svg.Circle(X(group.Value), y, 4, style, $"{group.Name}: {group.Text}");
            svg.Text(Width - Right + 14, y + 4, group.Text, style: "soft");
        }

        return svg.End();
    }
}
