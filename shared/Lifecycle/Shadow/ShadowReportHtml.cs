using System.Globalization;
using System.Text;
using Modeldrop.Lifecycle.Validation;
using Modeldrop.Plots;

namespace Modeldrop.Lifecycle.Shadow;

/// <summary>The comparison report as a page, in the form of a validation report.</summary>
public static class ShadowReportHtml
{
    public static string Render(ShadowReport report)
    {
        var html = new StringBuilder();
        PlotPage.Begin(html, $"Shadows of {report.Model}");
        if (report.Shadows.Count == 0)
        {
            html.Append(CultureInfo.InvariantCulture, $"<p>No version of {PlotPage.Encode(report.Model)} is a shadow. Set one: <code>PUT /api/models/{PlotPage.Encode(report.Model)}/shadow</code> with <code>{{\"version\": 2}}</code>.</p>\n");
        }

        foreach (ShadowStatus shadow in report.Shadows)
        {
            html.Append(CultureInfo.InvariantCulture, $"<h2>Version {shadow.Version}</h2>\n<p>{PlotPage.Encode(Sentence(shadow))}</p>\n");
            foreach (ShadowComparison comparison in shadow.Comparisons)
            {
                html.Append(CultureInfo.InvariantCulture, $"<h3>Against version {comparison.With}</h3>\n");
                ReportPage.AppendChecks(html, comparison.Checks);
                ReplayHtml.AppendFigures(html, comparison.Figures);
            }
        }

        return PlotPage.End(html);
    }

    private static string Sentence(ShadowStatus shadow)
    {
        string standing = shadow.Percent == 0 ? "It is no shadow any more." : string.Create(CultureInfo.InvariantCulture, $"It answers {shadow.Percent} % of the logged requests from {shadow.From:u} on.");
        return shadow.Records == 0
            ? $"{standing} It has answered none yet; the log is read every five minutes."
            : string.Create(CultureInfo.InvariantCulture, $"{standing} It has answered {shadow.Records:N0} of them, the newest of {shadow.Through:u}.");
    }
}
