namespace Modeldrop.Plots;

/// <summary>What a page with plots adds to its style; it has the variables <c>--ink</c>, <c>--soft</c> and <c>--line</c>.</summary>
public static class PlotStyle
{
    public const string Css = """
        :root{--series-0:#1f5fa8;--series-1:#8a94a3}
        @media (prefers-color-scheme:dark){:root{--series-0:#7fb2ec;--series-1:#8a94a3}}
        svg.plot{max-width:100%;height:auto;display:block;margin:.6rem 0}
        svg.plot text{font:12px system-ui,sans-serif;fill:var(--ink)}svg.plot text.soft{fill:var(--soft)}
        svg.plot .axis{stroke:var(--line)}
        svg.plot .series-0{fill:var(--series-0);stroke:var(--series-0)}svg.plot .series-1{fill:var(--series-1);stroke:var(--series-1)}
        svg.plot line.series-0,svg.plot line.series-1{stroke-width:2}
        @media print{svg.plot{break-inside:avoid}}
        """;

    /// <summary>The class of a series: 0 is what the report is about, 1 what it is held against.</summary>
    internal static string Series(int index) => $"series-{index}";
}
