using System.Globalization;
using System.Text;

namespace Modeldrop.Tests.Acceptance.Crash;

/// <summary>The results of a sweep, as Markdown.</summary>
internal static class CrashTable
{
    public static string Render(IEnumerable<CrashRun> runs)
    {
        var text = new StringBuilder();
        text.AppendLine("| scenario | writes | killed before | killed after | wrong | seconds per run |");
        text.AppendLine("| --- | ---: | ---: | ---: | ---: | ---: |");
        List<CrashRun> all = [.. runs.Where(run => run.Killed.Count > 0 || run.Violations.Count > 0)];
        foreach (IGrouping<string, CrashRun> scenario in all.GroupBy(run => run.Scenario))
        {
            text.AppendLine(Row(scenario.Key, $"{scenario.Max(run => run.Kills[0].Write)}", [.. scenario]));
        }

        text.AppendLine(Row("**all**", "", all));
        return text.ToString();
    }

    private static string Row(string name, string writes, List<CrashRun> runs) => string.Create(CultureInfo.InvariantCulture,
        $"| {name} | {writes} | {Count(runs, KillMoment.Before)} | {Count(runs, KillMoment.After)} " +
        $"| {runs.Count(run => run.Violations.Count > 0)} | {(runs.Count == 0 ? 0 : runs.Average(run => run.Duration.TotalSeconds)):0.0} "
            + $"|");

    private static int Count(List<CrashRun> runs, KillMoment moment) =>
        runs.Sum(run => run.Killed.Count(killed => killed.Kill.Moment == moment));
}
