using Microsoft.AspNetCore.Components;
using Modeldrop.Pages.Plots;

namespace Modeldrop.Site;

/// <summary>A data set or a version of a model.</summary>
/// <param name="IsHere">Whether it is the subject of the page.</param>
public sealed record LineageNode(string Text, string Address, bool IsHere = false);

/// <summary>Draws the lineage: data sets on the left, versions of models on the right.</summary>
public static class LineageGraph
{
    private const double Width = 720;
    private const double Box = 300;
    private const double Height = 30;
    private const double Step = 40;
    private const int MaxLetters = 38;

    /// <param name="edges">Indexes into <paramref name="datasets"/> and <paramref name="versions"/>.</param>
    public static MarkupString Draw(
        IReadOnlyList<LineageNode> datasets, IReadOnlyList<LineageNode> versions, IReadOnlyList<(int Dataset, int Version)> edges)
    {
        int rows = Math.Max(datasets.Count, versions.Count);
        var svg = new SvgWriter(
            Width, (rows * Step) + 4, "Data sets, and the versions that came from them", "plot lineage", hasLinks: true);
        double Y(int index, int count) => 2 + ((index + ((rows - count) / 2.0)) * Step);
        foreach ((int dataset, int version) in edges)
        {
            double from = Y(dataset, datasets.Count) + (Height / 2);
            svg.Curve(Box + 1, from, Width - Box - 1, Y(version, versions.Count) + (Height / 2), "edge");
        }

        foreach ((int index, LineageNode node) in datasets.Index())
        {
            Draw(svg, node, 1, Y(index, datasets.Count));
        }

        foreach ((int index, LineageNode node) in versions.Index())
        {
            Draw(svg, node, Width - Box - 1, Y(index, versions.Count));
        }

        return svg.End();
    }

    private static void Draw(SvgWriter svg, LineageNode node, double x, double y)
    {
        svg.Rectangle(x, y, Box, Height, node.IsHere ? "node here" : "node", node.Text);
        svg.BeginLink(node.Address);
        svg.Text(x + 12, y + 20, node.Text.Length <= MaxLetters ? node.Text : $"{node.Text[..(MaxLetters - 1)]}…");
        svg.EndLink();
    }
}
