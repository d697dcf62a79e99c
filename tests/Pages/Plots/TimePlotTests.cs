using System.Text.Json;
using System.Xml.Linq;
using Modeldrop.Pages.Plots;

namespace Modeldrop.Tests.Pages.Plots;

public sealed class TimePlotTests
{
    private static readonly DateTimeOffset Noon = new(2026, 5, 6, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Draw_SeriesOfDifferentTimes_ShareOneAxisInTheDataForTheScript()
    {
        XElement box = Draw(
            new TimeSeries("a <b>", [new TimePoint(Noon, 1), new TimePoint(Noon.AddHours(2), double.NaN)]),
            new TimeSeries("c", [new TimePoint(Noon.AddHours(1), 3, 2, 4), new TimePoint(Noon.AddHours(2), 5, 4, 6)]));

        Assert.Equal("svg", Assert.Single(box.Elements()).Name.LocalName);
        JsonElement plot = JsonElement.Parse(box.Attribute("data-plot")!.Value);
        Assert.Equal("t", plot.GetProperty("title").GetString());
        Assert.Equal(
            [Noon.ToUnixTimeMilliseconds(), Noon.AddHours(1).ToUnixTimeMilliseconds(), Noon.AddHours(2).ToUnixTimeMilliseconds()],
            plot.GetProperty("at").EnumerateArray().Select(at => at.GetInt64()));
        JsonElement[] series = [.. plot.GetProperty("series").EnumerateArray()];
        Assert.Equal(("a <b>", "[1,null,null]"), (series[0].GetProperty("name").GetString(), series[0].GetProperty("values").GetRawText()));
        Assert.Equal(JsonValueKind.Null, series[0].GetProperty("low").ValueKind);
        Assert.Equal(
            ("[null,3,5]", "[null,2,4]", "[null,4,6]"),
            (series[1].GetProperty("values").GetRawText(), series[1].GetProperty("low").GetRawText(),
                series[1].GetProperty("high").GetRawText()));
    }

    [Fact]
    public void Draw_OnePoint_IsAnImageWithoutDataForTheScript() =>
        Assert.Equal("svg", Draw(new TimeSeries("a", [new TimePoint(Noon, 1)])).Name.LocalName);

    private static XElement Draw(params TimeSeries[] series) => XElement.Parse(TimePlot.Draw("t", series, fromZero: true).Value);
}
