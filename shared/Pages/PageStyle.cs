using Microsoft.AspNetCore.Components;
using Modeldrop.Pages.Plots;

namespace Modeldrop.Pages;

/// <summary>The style of all pages and documents. It follows the system's light or dark scheme and is readable in print.</summary>
internal static class PageStyle
{
    public const string Text = $$"""

        :root { color-scheme: light dark; --ink: #1b2330; --soft: #566173; --line: #dfe3e8; --ground: #ffffff; --panel: #f6f8fa;
          --good: #1f7a4a; --bad: #b3362b; --warn: #845600; --link: #1f5fa8; --good-tint: #e7f4ed; --bad-tint: #fbecea;
          --warn-tint: #fcf3de; --info-tint: #e9f1fa; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6eaef; --soft: #a3aebb; --line: #313a46; --ground: #12161b;
          --panel: #1a2027; --good: #62c291; --bad: #f0887c; --warn: #e2b661; --link: #84b5ee; --good-tint: #16301f; --bad-tint: #38201d;
          --warn-tint: #33290f; --info-tint: #182838; } }
        * { box-sizing: border-box; }
        body { margin: 0; font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
          color: var(--ink); background: var(--ground); }
        small, .soft { color: var(--soft); }
        main { max-width: 76rem; margin: 0 auto; padding: 1rem 1.5rem 4rem; }
        main.report { max-width: 64rem; }
        h1 { font-size: 1.6rem; line-height: 1.25; letter-spacing: -.01em; margin: 1rem 0 .3rem; }
        h2 { font-size: 1.15rem; line-height: 1.3; margin: 2.2rem 0 .6rem; }
        h3 { font-size: 1rem; margin: 1.4rem 0 .4rem; }
        a { color: var(--link); text-underline-offset: .15em; }
        table { border-collapse: collapse; width: 100%; }
        th { text-align: left; font-weight: 600; color: var(--soft); font-size: .85rem; white-space: nowrap; }
        th, td { padding: .5rem 1rem .5rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
        td:last-child, th:last-child { padding-right: 0; }
        .report td, td.wrap { overflow-wrap: anywhere; }
        td.wrap { min-width: 9rem; }
        td ul { margin: 0; padding-left: 1.2rem; }
        td.n, td.number { font-variant-numeric: tabular-nums; }
        td.number, th.number { text-align: right; white-space: nowrap; }
        .report td:first-child, td.passed, td.failed, td.skipped, td.noted { white-space: nowrap; }
        .passed { color: var(--good); }
        .failed { color: var(--bad); font-weight: 600; }
        .skipped, .noted { color: var(--soft); }
        .report ul { margin: .3rem 0 0; padding-left: 1.2rem; color: var(--soft); }
        code { font: .87em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
        pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--panel); padding: 1rem; border: 1px solid var(--line);
          border-radius: 8px; margin: .6rem 0; }
        .badge { display: inline-block; padding: .05rem .55rem; border-radius: 1rem; background: var(--panel);
          border: 1px solid var(--line); font-size: .85rem; line-height: 1.5; white-space: nowrap; color: var(--soft);
          text-decoration: none; }
        .badge.champion { background: var(--good); border-color: var(--good); color: var(--ground); font-weight: 600; }
        .badge.validated { background: var(--good-tint); border-color: transparent; color: var(--good); }
        .badge.rejected { background: var(--bad-tint); border-color: transparent; color: var(--bad); }
        .badge.rollingout, .badge.running { background: var(--info-tint); border-color: transparent; color: var(--link); }
        .badge.waiting { background: var(--warn-tint); border-color: transparent; color: var(--warn); }
        .tag { display: inline-block; font-size: .85rem; background: var(--panel); border: 1px solid var(--line); border-radius: 5px;
          padding: 0 .45rem; overflow-wrap: anywhere; }
        rect.rail { fill: var(--line); }
        rect.good { fill: var(--good); }
        rect.bad { fill: var(--bad); }
        td small { display: inline-block; max-width: 40rem; }
        h1, main > p { overflow-wrap: anywhere; }
        time { white-space: nowrap; font-variant-numeric: tabular-nums; }
        .reader { display: flex; gap: .8rem; justify-content: flex-end; align-items: baseline; padding: .3rem 1.5rem; font-size: .9rem;
          color: var(--soft); }
        .reader form { margin: 0; }
        .wide { position: relative; overflow-x: auto; }
        .wide > table { min-width: 36rem; }
        @media (max-width: 60rem) { main { padding-left: 1rem; padding-right: 1rem; } }
        @media print { body { background: #fff; color: #000; } }
        {{PlotStyle.Css}}

        """;

    /// <summary>For a document that contains its own style.</summary>
    public static readonly MarkupString Css = new(Text);
}
