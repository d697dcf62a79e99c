using System.Globalization;
using System.Text;
using Modeldrop.Plots;

namespace Modeldrop.Lifecycle.Validation;

/// <summary>Checks on a page of a report.</summary>
internal static class ReportPage
{
    public static void AppendChecks(StringBuilder html, IReadOnlyList<ValidationCheck> checks)
    {
        html.Append("<table>\n<thead><tr><th>Check</th><th>Verdict</th><th>Finding</th></tr></thead>\n<tbody>\n");
        foreach (ValidationCheck check in checks)
        {
            string verdict = Word(check.Verdict);
            html.Append(CultureInfo.InvariantCulture, $"<tr><td>{PlotPage.Encode(check.Name)}</td><td class=\"{verdict}\">{verdict}</td><td>{PlotPage.Encode(check.Explanation)}");
            if (check.Details is { Count: > 0 } details)
            {
                html.Append("<ul>").AppendJoin("", details.Select(detail => $"<li>{PlotPage.Encode(detail)}</li>")).Append("</ul>");
            }

            html.Append("</td></tr>\n");
        }

        html.Append("</tbody>\n</table>\n");
    }

    private static string Word(CheckVerdict verdict) => verdict switch
    {
        CheckVerdict.Passed => "passed",
        CheckVerdict.Failed => "failed",
        CheckVerdict.Skipped => "skipped",
        _ => "noted",
    };
}
