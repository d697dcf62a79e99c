namespace Modeldrop.Pages.Plots;

/// <summary>Explains the colours of the series.</summary>
internal static class Legend
{
    private const double PerLetter = 7;

    public static void Draw(SvgWriter svg, double x, IReadOnlyList<string> series)
    {
        foreach ((int index, string name) in series.Index())
        {
            svg.Rectangle(x, 4, 10, 10, PlotStyle.Series(index), name);
            svg.Text(x + 16, 13, name);
            x += 40 + (name.Length * PerLetter);
        }
    }
}
