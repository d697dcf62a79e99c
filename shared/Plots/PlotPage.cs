using System.Globalization;
using System.Net;
using System.Text;

namespace Modeldrop.Plots;

/// <summary>What all reports have as pages: no script, nothing loaded from elsewhere, every text encoded, fit to be printed.</summary>
public static class PlotPage
{
    private const string Style = """
        :root{color-scheme:light dark;--ink:#1c2430;--soft:#5c6878;--line:#d9dee5;--ground:#fff;--good:#2a7d4f;--bad:#b3362b}
        @media (prefers-color-scheme:dark){:root{--ink:#e6eaef;--soft:#9aa6b4;--line:#343d49;--ground:#14181d;--good:#58b583;--bad:#e5776d}}
        body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:var(--ink);background:var(--ground)}
        h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}h3{font-size:1rem}
        table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid var(--line)}th{color:var(--soft);font-weight:600;font-size:.85rem}
        td.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
        .passed{color:var(--good)}.failed{color:var(--bad);font-weight:600}.skipped,.noted{color:var(--soft)}td{overflow-wrap:anywhere}td:first-child,td.passed,td.failed,td.skipped,td.noted{white-space:nowrap}
        ul{margin:.3rem 0 0;padding-left:1.2rem;color:var(--soft)}
        .wide{overflow-x:auto}
        @media print{body{color:#000;background:#fff}}
        """;

    public static void Begin(StringBuilder html, string title) => html
        .Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
        .Append(CultureInfo.InvariantCulture, $"<title>{Encode(title)}</title>\n<style>{Style}\n{PlotStyle.Css}</style>\n</head>\n<body>\n<h1>{Encode(title)}</h1>\n");

    public static string End(StringBuilder html) => html.Append("</body>\n</html>\n").ToString();

    public static string Encode(string text) => WebUtility.HtmlEncode(text);
}
