using Microsoft.AspNetCore.Components;

namespace Modeldrop.Pages.Plots;

/// <summary>Counts by row and column, shaded by their share of the row: which classes are mistaken for which.</summary>
public static class MatrixPlot
{
    private const double Left = 96;
    private const double Top = 50;
    private const double Side = 230;
    private const double Foot = 12;
    private const int MaxName = 12;

    /// <summary>Largest number of classes for which cells show their numbers.</summary>
    private const int MaxWritten = 6;

    /// <param name="rows">Title of the rows.</param>
    /// <param name="columns">Title of the columns.</param>
    public static MarkupString Draw(
        string title, string rows, string columns, IReadOnlyList<string> names, IReadOnlyList<IReadOnlyList<int>> counts)
    {
        double cell = Side / names.Count;
        var svg = new SvgWriter(Left + Side + 4, Top + Side + Foot, title);
        svg.Text(0, 14, title);
        svg.Text(Left + (Side / 2), 30, columns, "middle", "soft");
        svg.Text(0, Top - 6, rows, "start", "soft");
        foreach ((int row, string name) in names.Index())
        {
            double y = Top + (row * cell);
            svg.Text(Left - 6, y + (cell / 2) + 4, Short(name), "end");
            if (names.Count <= MaxWritten)
            {
                svg.Text(Left + ((row + 0.5) * cell), Top - 6, Short(name), "middle");
            }

            int all = counts[row].Sum();
            foreach ((int column, int count) in counts[row].Index())
            {
                double share = all == 0 ? 0 : (double)count / all;
                double x = Left + (column * cell);
                // Five shades: a CSS class sets the colour, so that the page's scheme decides it.
                svg.Rectangle(x, y, cell - 1, cell - 1, $"cell shade-{(int)Math.Ceiling(share * 5)}",
                    $"{name} → {names[column]}: {Figures.Count(count)} ({Figures.Share(share)})");
                if (names.Count <= MaxWritten)
                {
                    svg.Text(x + (cell / 2), y + (cell / 2) + 1, Figures.Count(count), "middle");
                    svg.Text(x + (cell / 2), y + (cell / 2) + 15, Figures.WholeShare(share), "middle", "soft");
                }
            }
        }

        return svg.End();
    }

    private static string Short(string name) => name.Length <= MaxName ? name : $"{name[..(MaxName - 1)]}…";
}
