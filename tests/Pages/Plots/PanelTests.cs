using System.Xml.Linq;
using Microsoft.AspNetCore.Components;
using Modeldrop.Pages.Plots;

namespace Modeldrop.Tests.Pages.Plots;

public sealed class PanelTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    private static readonly DateTimeOffset From = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void TimePanels_ShowLevelLimitMarkAndUncertainPoints_OnOneAxis()
    {
        TimePanel Panel(string title) => new(
            title,
            [new PanelSeries(0, [Point(0.7, false), Point(0.8, true)])],
            new PanelLevel("validation", 0.75, 0.7, 0.8),
            [new TimeLimit("at least 0.6", 0.6)],
            [new PanelMark(From.AddDays(5), "worse")]);

        XElement plot = Parsed(TimePanels.Draw("t", From, From.AddDays(10), ["a"], [Panel("one"), Panel("two")]));

        XElement[] dots = [.. plot.Elements(Svg + "circle")
            .Where(dot => ((string)dot.Attribute("class")!).StartsWith("series-0", StringComparison.Ordinal))];
        Assert.Equal(["series-0", "series-0 doubted", "series-0", "series-0 doubted"], dots.Select(dot => (string)dot.Attribute("class")!));
        Assert.Equal((double)dots[0].Attribute("cx")!, (double)dots[2].Attribute("cx")!);
        double[] marks = [.. plot.Elements(Svg + "circle").Where(dot => (string)dot.Attribute("class")! == "mark")
            .Select(dot => (double)dot.Attribute("cx")!)];
        Assert.Equal(2, marks.Length);
        Assert.Equal((double)dots[0].Attribute("cx")!, marks[0], 0.01);
        Assert.Contains("validation 0.75", plot.Value, StringComparison.Ordinal);
        Assert.Contains("at least 0.6", plot.Value, StringComparison.Ordinal);
        XElement band = plot.Elements(Svg + "rect").First(rect => (string)rect.Attribute("class")! == "level");
        XElement line = plot.Elements(Svg + "line").First(one => (string)one.Attribute("class")! == "reference");
        Assert.Equal((double)line.Attribute("y1")!, (double)band.Attribute("y")! + ((double)band.Attribute("height")! / 2), 0.11);

        static PanelPoint Point(double value, bool isDoubted) =>
            new(From.AddDays(isDoubted ? 8 : 5), value, value - 0.01, value + 0.01, "hint", isDoubted);
    }

    /// <summary>Groups are compared, so all share one scale.</summary>
    [Fact]
    public void GroupPlot_Groups_ShareOneScale()
    {
        XElement plot = Parsed(GroupPlot.Draw(
            "t", [new GroupValue("a", 0.2, 0.1, 0.3, "0.2"), new GroupValue("b", 0.4, 0.3, 0.5, "0.4", true),
            new GroupValue("c", 0.6, null, null, "0.6")], 0.4));

        XElement[] dots = [.. plot.Elements(Svg + "circle")];
        double[] places = [.. dots.Select(dot => (double)dot.Attribute("cx")!)];
        Assert.Equal(places[1] - places[0], places[2] - places[1], 0.11);
        Assert.Equal(["series-0", "mark", "series-0"], dots.Select(dot => (string)dot.Attribute("class")!));
        Assert.Equal(places[1], (double)plot.Elements(Svg + "line").First(line => (string)line.Attribute("class")! == "reference")
            .Attribute("x1")!, 0.11);
    }

    [Fact]
    public void UnitPlotAndMatrixPlot_EncodeTextsAndPlaceValues()
    {
        const string Evil = "<b>&";
        XElement curve = Parsed(UnitPlot.Draw(Evil, Evil, Evil,
            [new UnitCurve(Evil, [new UnitPoint(0, 0), new UnitPoint(0.5, 1, 0.9, 1)])], true, 0.3, true));
        XElement matrix = Parsed(MatrixPlot.Draw(Evil, Evil, Evil, [Evil, "other"], [[9, 1], [0, 0]]));

        Assert.Equal(2, curve.Elements(Svg + "circle").Count());
        Assert.Equal(2, curve.Elements(Svg + "line").Count(line => (string)line.Attribute("class")! == "reference"));
        Assert.Equal(["cell shade-5", "cell shade-1", "cell shade-0", "cell shade-0"],
            matrix.Elements(Svg + "rect").Select(cell => (string)cell.Attribute("class")!));
        Assert.Contains("90.0 %", matrix.Value, StringComparison.Ordinal);
    }

    private static XElement Parsed(MarkupString plot) => XElement.Parse(plot.Value);
}
