using System.Globalization;
using System.Text;
using Modeldrop.Plots;

namespace Modeldrop.Lifecycle.Validation;

/// <summary>The section of a report's page about the replayed records.</summary>
internal static class ReplayHtml
{
    private const int MaxGroups = 40;

    public static void Append(StringBuilder html, ReplayFigures? replay)
    {
        if (replay is not { Records: > 0 })
        {
            return;
        }

        html.Append(CultureInfo.InvariantCulture,
            $"<h2>Replay of {replay.Records:N0} logged records</h2>\n<p>Version {replay.Champion} made them; both versions have scored them again. {replay.Disagreements:N0} of {replay.Rows:N0} rows get another answer. Reading them took {replay.Transactions:N0} storage transactions.</p>\n");
        AppendFigures(html, replay);
    }

    public static void AppendFigures(StringBuilder html, ReplayFigures replay)
    {
        AppendDifferences(html, replay);
        AppendAnswers(html, replay);
        AppendLatency(html, replay);
    }

    private static void AppendDifferences(StringBuilder html, ReplayFigures replay)
    {
        if (replay.Rows == 0)
        {
            return;
        }

        html.Append("<table>\n<thead><tr><th>Difference of the scores</th><th>Rows</th></tr></thead>\n<tbody>\n");
        for (int bin = 0; bin < replay.ScoreDifferences.Count; bin++)
        {
            if (replay.ScoreDifferences[bin] > 0)
            {
                string bound = bin == 0 ? "none"
                    : bin < ReplayFigures.DifferenceBounds.Count ? string.Create(CultureInfo.InvariantCulture, $"up to {ReplayFigures.DifferenceBounds[bin]}") : "more, or no number";
                html.Append(CultureInfo.InvariantCulture, $"<tr><td>{bound}</td><td class=\"number\">{replay.ScoreDifferences[bin]:N0}</td></tr>\n");
            }
        }

        html.Append("</tbody>\n</table>\n");
    }

    private static void AppendAnswers(StringBuilder html, ReplayFigures replay)
    {
        if (replay.Answers is not { Count: > 0 } answers)
        {
            return;
        }

        double champion = Math.Max(1, answers.Values.Sum(count => count.Champion));
        double candidate = Math.Max(1, answers.Values.Sum(count => count.Candidate));
        BarGroup[] groups = [.. answers.Take(MaxGroups).Select(answer => new BarGroup(answer.Key, [100 * answer.Value.Candidate / candidate, 100 * answer.Value.Champion / champion]))];
        html.Append("<h3>Answers</h3>\n").Append(BarPlot.Draw("Share of the answers", ["this version", $"version {replay.Champion}"], groups, " %"));
    }

    private static void AppendLatency(StringBuilder html, ReplayFigures replay)
    {
        if (replay is { Latency: { } ours, ChampionLatency: { } theirs })
        {
            html.Append(CultureInfo.InvariantCulture, $"<table>\n<thead><tr><th>Time in the model, ms</th><th>This version</th><th>Version {replay.Champion}</th></tr></thead>\n<tbody>\n")
                .Append(CultureInfo.InvariantCulture, $"<tr><td>median</td><td class=\"number\">{ours.P50Ms:0.###}</td><td class=\"number\">{theirs.P50Ms:0.###}</td></tr>\n")
                .Append(CultureInfo.InvariantCulture, $"<tr><td>95 % at most</td><td class=\"number\">{ours.P95Ms:0.###}</td><td class=\"number\">{theirs.P95Ms:0.###}</td></tr>\n")
                .Append(CultureInfo.InvariantCulture, $"<tr><td>99 % at most</td><td class=\"number\">{ours.P99Ms:0.###}</td><td class=\"number\">{theirs.P99Ms:0.###}</td></tr>\n")
                .Append("</tbody>\n</table>\n");
        }
    }
}
