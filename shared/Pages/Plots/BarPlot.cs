using Microsoft.AspNetCore.Components;

namespace Modeldrop.Pages.Plots;

/// <summary>A group of bars with one value for each series.</summary>
public sealed record BarGroup(string Name, IReadOnlyList<double> Values);

/// <summary>Groups of bars side by side, from 0, for comparing two distributions.</summary>
public static class BarPlot
{
    private const double Width = 720;
    private const double Height = 200;
    private const double Left = 76;
    private const double Top = 28;
    private const double Bottom = 24;
    private const double PerLetter = 7;

    /// <param name="series">Names for the legend.</param>
    /// <param name="unit">Unit after the numbers: <c> ms</c>, <c> %</c>.</param>
    public static MarkupString Draw(string title, IReadOnlyList<string> series, IReadOnlyList<BarGroup> groups, string unit)
    {
        var svg = new SvgWriter(Width, Height, title);
        Legend.Draw(svg, Left, series);
        double highest = Math.Max(1e-12, groups.SelectMany(group => group.Values).Where(double.IsFinite).DefaultIfEmpty(0).Max());
        double floor = Height - Bottom;
        foreach (double share in (double[])[0, 0.5, 1])
        {
            double y = floor - (share * (floor - Top));
            svg.Line(Left, y, Width, y, "axis");
            svg.Text(Left - 6, y + 4, Text(share * highest, unit), "end", "soft");
        }

        double groupWidth = (Width - Left) / Math.Max(1, groups.Count);
        // Shows as many names as fit beside each other.
        double longest = (groups.Select(group => group.Name.Length).DefaultIfEmpty(0).Max() + 1) * PerLetter;
        int every = (int)Math.Max(1, Math.Ceiling(longest / groupWidth));
        foreach ((int index, BarGroup group) in groups.Index())
        {
            double x = Left + (index * groupWidth);
            double barWidth = groupWidth * 0.8 / Math.Max(1, group.Values.Count);
            foreach ((int number, double value) in group.Values.Index().Where(one => double.IsFinite(one.Item)))
            {
                double height = value / highest * (floor - Top);
                svg.Rectangle(
                    x + (groupWidth * 0.1) + (number * barWidth), floor - height, barWidth, height, PlotStyle.Series(number),
                    $"{series[number]}, {group.Name}: {Text(value, unit)}");
            }

            if (index % every == 0 && x + (groupWidth / 2) + (longest / 2) <= Width + PerLetter)
            {
                svg.Text(x + (groupWidth / 2), Height - 8, group.Name, "middle", "soft");
            }
        }

        return svg.End();
    }

    private static string Text(double value, string unit) => Figures.Short(value) + unit;
}
