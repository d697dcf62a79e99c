using System.Xml.Linq;
using Microsoft.AspNetCore.Components;
using Modeldrop.Pages.Plots;

namespace Modeldrop.Tests.Pages.Plots;

public sealed class PlotTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void IntervalPlot_DotAndWhiskers_AreAtTheValues()
    {
        XElement plot = Parsed(IntervalPlot.Draw(
            "Metrics", ["this", "champion"], [
                new IntervalRow("auc", [new PlotInterval(0.6, 0.5, 0.7, "0.6"), new PlotInterval(0.5, null, null, "0.5")])]));

        double[] dots = [.. plot.Elements(Svg + "circle").Select(dot => (double)dot.Attribute("cx")!)];
        Assert.True(dots[0] > dots[1]);
        XElement whisker = plot.Elements(Svg + "line").First(line => (string?)line.Attribute("class") == "series-0");
        // The lower end of one is at the other's value.
        Assert.Equal(dots[1], (double)whisker.Attribute("x1")!, 0.11);
        Assert.Equal(2 * (dots[0] - dots[1]), (double)whisker.Attribute("x2")! - (double)whisker.Attribute("x1")!, 0.31);
    }

    [Fact]
    public void BarPlot_Heights_AreProportionalToTheValues()
    {
        XElement plot = Parsed(
            BarPlot.Draw("Times", ["this", "champion"], [new BarGroup("p50", [1, 2]), new BarGroup("p95", [4, double.NaN])], " ms"));

        double[] heights = [.. plot.Elements(Svg + "rect").Skip(2).Select(bar => (double)bar.Attribute("height")!)];
        Assert.Equal(3, heights.Length);
        Assert.Equal(heights[2] / 4, heights[0], 0.1);
        Assert.Equal(heights[2] / 2, heights[1], 0.1);
        Assert.Contains("champion, p50: 2 ms", plot.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Plots_TextsOfUsers_AreEncoded()
    {
        const string Evil = "<script>alert(1)</script> & \"";

        string bars = BarPlot.Draw(Evil, [Evil], [new BarGroup(Evil, [1])], Evil).Value;
        string intervals = IntervalPlot.Draw(Evil, [Evil], [new IntervalRow(Evil, [new PlotInterval(1, 0, 2, Evil)])]).Value;
        string plots = bars + intervals;

        Assert.DoesNotContain("<script", plots, StringComparison.Ordinal);
        Assert.NotNull(XElement.Parse($"<div>{plots}</div>"));
    }

    [Fact]
    public void Plots_WithoutData_AreImages()
    {
        Assert.NotNull(Parsed(BarPlot.Draw("t", [], [], "")));
        Assert.NotNull(Parsed(IntervalPlot.Draw("t", ["a"], [new IntervalRow("x", [null])])));
    }

    private static XElement Parsed(MarkupString plot) => XElement.Parse(plot.Value);
}
