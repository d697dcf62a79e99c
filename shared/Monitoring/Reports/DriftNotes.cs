using System.Globalization;
using System.Text;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Watch;
using Modeldrop.Plots;

namespace Modeldrop.Monitoring.Reports;

/// <summary>What the page of a drift check says beside its table: what the watch waits for, which changes stand, and which rows count for
/// fewer.</summary>
internal static class DriftNotes
{
    public static void Append(StringBuilder html, DriftReport report)
    {
        if (report.Watch?.Waiting is { } waiting)
        {
            html.Append(CultureInfo.InvariantCulture, $"<p>{PlotPage.Encode(waiting)}</p>\n");
        }

        foreach (WatchedFeature feature in report.Watch?.Features.Where(feature => feature.Alarmed is not null) ?? [])
        {
            string name = (feature.IsOutput ? "output " : "") + feature.Name;
            string now = feature.Distance is { } distance
                ? string.Create(CultureInfo.InvariantCulture, $", {distance:0.000} from what the last day's hours should look like")
                : "";
            html.Append(
                CultureInfo.InvariantCulture,
                $"<p class=\"failed\">{PlotPage.Encode(name)} has changed since {At(feature.Since)}; ")
                .Append(CultureInfo.InvariantCulture, $"alarm: {At(feature.Alarmed)}{now}.</p>\n");
        }

        foreach (IGrouping<string, FeatureDrift> alike in report.Features.Where(feature => feature.WhyFewer is not null)
            .GroupBy(feature => feature.WhyFewer!).Take(5))
        {
            FeatureDrift least = alike.MinBy(feature => feature.EffectiveCount)!;
            html.Append(
                CultureInfo.InvariantCulture,
                $"<p>{least.CurrentCount:N0} values count for {least.EffectiveCount:N0}: {PlotPage.Encode(alike.Key)} ")
                .Append(CultureInfo.InvariantCulture,
                    $"({PlotPage.Encode(string.Join(", ", alike.Select(feature => feature.Name).Take(5)))}).</p>\n");
        }
    }

    private static string At(DateTimeOffset? at) => at is { } known ? PageNumbers.Hour(known) : "an hour that is not known";
}
