using Modeldrop.Lifecycle.Drills;
using Modeldrop.Manifests;
using Modeldrop.Names;
using Modeldrop.Pages;
using Modeldrop.Site.Monitoring;

namespace Modeldrop.Tests.Site.Monitoring;

public sealed class DrillPageTests
{
    private static readonly DateTimeOffset Noon = new(2026, 5, 6, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(25, 100, 40, 2, "40", "2")]
    [InlineData(40, 2, 25, 100, "40", "2")]
    [InlineData(9, null, 0, null, "9", "")]
    public void Page_OfAChange_ShowsTheMedianOfTheMessagesThatSawItMoreOften(
        int drift, int? driftMedian, int quality, int? qualityMedian, string seen, string median)
    {
        var change = new ChangeDrillResult(
            DrillChange.Missing, "missing in all rows", ["distance"], 40,
            new Delays(drift, driftMedian), new Delays(quality, qualityMedian));
        var found = new DriftDrillResult(Noon.AddDays(-28), Noon, 28, 1_000, 40, 0, 0, [change]) { AlarmsAtMost = 0.1 };
        var settings = new DrillSettings(0.01, 0.1, "reference", DriftAction.Alert, DriftAction.Alert, 24);
        var report = new DrillReport(ModelName.Parse("flights"), 2, Noon, 12, "No alarm.", settings, found, null, [], 10);

        string page = HtmlPage.Render<DrillPage, DrillView>(new DrillView("flights", 2, report));

        Assert.Contains(
            $"<td class=\"number\">40</td><td class=\"number\">{seen}</td><td class=\"number\">{median}</td>", page,
            StringComparison.Ordinal);
    }
}
