namespace Modeldrop.Pages.Plots;

/// <summary>The style that a page with plots adds. It uses the page's variables <c>--ink</c>, <c>--soft</c> and <c>--line</c>.</summary>
public static class PlotStyle
{
    /// <summary>Number of series that can be distinguished.</summary>
    public const int MaxSeries = 6;

    public const string Css = """
        :root{--series-0:#1f5fa8;--series-1:#8a94a3;--series-2:#b8651b;--series-3:#2a7d4f;--series-4:#7b4fa3;--series-5:#a33b5c}
        @media (prefers-color-scheme:dark){:root{--series-0:#7fb2ec;--series-1:#8a94a3;--series-2:#e0a062;
        --series-3:#6cc394;--series-4:#b79ad6;--series-5:#e08aa5}}
        svg.plot{max-width:100%;height:auto;display:block;margin:.6rem 0}
        svg.plot text{font:12px system-ui,sans-serif;fill:var(--ink)}svg.plot text.soft{fill:var(--soft)}
        svg.plot .axis{stroke:var(--line)}svg.plot .limit{stroke:var(--bad,var(--ink));stroke-dasharray:5 4}
        svg.plot .series-0{fill:var(--series-0);stroke:var(--series-0)}svg.plot .series-1{fill:var(--series-1);stroke:var(--series-1)}
        svg.plot .series-2{fill:var(--series-2);stroke:var(--series-2)}
        svg.plot .series-3{fill:var(--series-3);stroke:var(--series-3)}svg.plot .series-4{fill:var(--series-4);stroke:var(--series-4)}
        svg.plot .series-5{fill:var(--series-5);stroke:var(--series-5)}
        svg.plot line.series-0,svg.plot line.series-1{stroke-width:2}
        svg.plot polyline[class]{fill:none;stroke-width:1.8}svg.plot polygon[class]{stroke:none;opacity:.18}
        svg.plot line.reference{stroke:var(--soft);stroke-dasharray:2 3}svg.plot rect.level{fill:var(--series-1);opacity:.16;stroke:none}
        svg.plot line.mark{stroke:var(--bad,var(--ink));stroke-width:1;opacity:.6}svg.plot circle.mark{fill:var(--bad,var(--ink))}
        svg.plot line.whisker{stroke-width:1.2;opacity:.75}svg.plot line.doubted{stroke-dasharray:4 3;stroke-width:1.2}
        svg.plot circle.doubted{fill:var(--ground,Canvas);stroke-width:1.6}
        svg.plot rect.cell{fill:var(--series-0);stroke:none}svg.plot .shade-0{opacity:.03}svg.plot .shade-1{opacity:.1}
        svg.plot .shade-2{opacity:.2}svg.plot .shade-3{opacity:.3}svg.plot .shade-4{opacity:.42}svg.plot .shade-5{opacity:.55}
        .plots{display:flex;flex-wrap:wrap;gap:1rem 1.6rem}
        @media (max-width:640px){svg.panels text{font-size:16px}}
        @media print{svg.plot{break-inside:avoid}}
        """;

    /// <summary>The CSS class of a series: 0 is the subject of the report, 1 its comparison.</summary>
    internal static string Series(int index) => $"series-{index % MaxSeries}";
}
