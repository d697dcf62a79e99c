using Microsoft.AspNetCore.Components;
using Modeldrop.Pages.Plots;

namespace Modeldrop.Pages;

/// <summary>The style of all pages: follows the system's light or dark scheme, readable in print.</summary>
internal static class PageStyle
{
    public static readonly MarkupString Css = new($$"""

        :root { color-scheme: light dark; --ink: #1c2430; --soft: #5c6878; --line: #d9dee5; --ground: #ffffff; --panel: #f5f7f9;
          --good: #2a7d4f; --bad: #b3362b; --link: #1f5fa8; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6eaef; --soft: #9aa6b4; --line: #343d49; --ground: #14181d;
          --panel: #1c2229; --good: #58b583; --bad: #e5776d; --link: #7fb2ec; } }
        * { box-sizing: border-box; }
        body { margin: 0; font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground); }
        header { display: flex; justify-content: space-between; align-items: baseline; padding: .8rem 1.5rem;
          border-bottom: 1px solid var(--line); background: var(--panel); }
        header a { font-weight: 700; text-decoration: none; color: var(--ink); }
        header span, small { color: var(--soft); }
        main { max-width: 76rem; margin: 0 auto; padding: 1rem 1.5rem 4rem; }
        main.report { max-width: 64rem; }
        h1 { font-size: 1.5rem; margin: 1rem 0 .3rem; }
        h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
        h3 { font-size: 1rem; }
        a { color: var(--link); }
        table { border-collapse: collapse; width: 100%; }
        th { text-align: left; font-weight: 600; color: var(--soft); font-size: .85rem; }
        th, td { padding: .45rem .8rem .45rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
        .report td, td.wrap { overflow-wrap: anywhere; }
        td.wrap { min-width: 9rem; }
        td ul { margin: 0; padding-left: 1.2rem; }
        td.n, td.number { font-variant-numeric: tabular-nums; }
        td.number { text-align: right; white-space: nowrap; }
        .report td:first-child, td.passed, td.failed, td.skipped, td.noted { white-space: nowrap; }
        .passed { color: var(--good); }
        .failed { color: var(--bad); font-weight: 600; }
        .skipped, .noted { color: var(--soft); }
        .report ul { margin: .3rem 0 0; padding-left: 1.2rem; color: var(--soft); }
        code { font: .85em ui-monospace, monospace; }
        pre { white-space: pre-wrap; background: var(--panel); padding: 1rem; border: 1px solid var(--line); border-radius: 6px; }
        .badge { display: inline-block; padding: 0 .5rem; border-radius: 1rem; border: 1px solid var(--line); font-size: .85rem;
          white-space: nowrap; }
        .badge.champion { background: var(--good); border-color: var(--good); color: var(--ground); }
        .badge.validated { border-color: var(--good); color: var(--good); }
        .badge.rejected { border-color: var(--bad); color: var(--bad); }
        .badge.none { color: var(--soft); }
        .tag { font-size: .85rem; background: var(--panel); border-radius: 4px; padding: 0 .4rem; overflow-wrap: anywhere; }
        rect.rail { fill: var(--line); }
        rect.good { fill: var(--good); }
        rect.bad { fill: var(--bad); }
        td small { display: inline-block; max-width: 40rem; }
        h1, main > p { overflow-wrap: anywhere; }
        time { white-space: nowrap; font-variant-numeric: tabular-nums; }
        .reader { display: flex; gap: .8rem; justify-content: flex-end; align-items: baseline; padding: .3rem 1.5rem; font-size: .9rem;
          color: var(--soft); }
        .reader form { margin: 0; }
        nav { font-size: .9rem; margin-top: .5rem; }
        .wide { overflow-x: auto; }
        .wide > table { min-width: 36rem; }
        @media (max-width: 60rem) { header, main { padding-left: .8rem; padding-right: .8rem; } }
        @media print { header span { display: none; } body { background: #fff; color: #000; } }
        {{PlotStyle.Css}}

        """);
}
