using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Components;

namespace Modeldrop.Pages.Plots;

/// <summary>
/// Writes an SVG image into a page: static, without scripts. Texts are encoded, and colours are CSS classes, so that the page's scheme and
/// print decide them.
/// </summary>
internal sealed class SvgWriter
{
    private readonly StringBuilder _svg = new();

    /// <param name="title">Read aloud by screen readers, and shown under the pointer.</param>
    /// <param name="style">CSS classes; <c>plot</c> is one of them.</param>
    /// <param name="hasLinks">Whether parts of it are links. Then its role is a group and not an image.</param>
    public SvgWriter(double width, double height, string title, string style = "plot", bool hasLinks = false) => _svg
        .Append(
            CultureInfo.InvariantCulture,
            $"<svg class=\"{style}\" viewBox=\"0 0 {Number(width)} {Number(height)}\" width=\"{Number(width)}\" "
                + $"height=\"{Number(height)}\" role=\"{(hasLinks ? "group" : "img")}\" xmlns=\"http://www.w3.org/2000/svg\">\n")
        .Append(CultureInfo.InvariantCulture, $"<title>{Encode(title)}</title>\n");

    public void Line(double x1, double y1, double x2, double y2, string style) =>
        _svg.Append(
            CultureInfo.InvariantCulture,
            $"<line class=\"{style}\" x1=\"{Number(x1)}\" y1=\"{Number(y1)}\" x2=\"{Number(x2)}\" y2=\"{Number(y2)}\"/>\n");

    public void Polyline(IEnumerable<(double X, double Y)> points, string style) =>
        _svg.Append(
            CultureInfo.InvariantCulture,
            $"<polyline class=\"{style}\" fill=\"none\" "
                + $"points=\"{string.Join(' ', points.Select(point => $"{Number(point.X)},{Number(point.Y)}"))}\"/>\n");

    public void Polygon(IEnumerable<(double X, double Y)> points, string style) =>
        _svg.Append(
            CultureInfo.InvariantCulture,
            $"<polygon class=\"{style}\" "
                + $"points=\"{string.Join(' ', points.Select(point => $"{Number(point.X)},{Number(point.Y)}"))}\"/>\n");

    /// <param name="hint">Shown under the pointer.</param>
    public void Rectangle(double x, double y, double width, double height, string style, string hint) =>
        _svg.Append(
            CultureInfo.InvariantCulture,
            $"<rect class=\"{style}\" x=\"{Number(x)}\" y=\"{Number(y)}\" width=\"{Number(width)}\" "
                + $"height=\"{Number(Math.Max(0, height))}\"><title>{Encode(hint)}</title></rect>\n");

    public void Circle(double x, double y, double radius, string style, string hint) =>
        _svg.Append(
            CultureInfo.InvariantCulture,
            $"<circle class=\"{style}\" cx=\"{Number(x)}\" cy=\"{Number(y)}\" "
                + $"r=\"{Number(radius)}\"><title>{Encode(hint)}</title></circle>\n");

    /// <param name="anchor"><c>start</c>, <c>middle</c> or <c>end</c>.</param>
    public void Text(double x, double y, string text, string anchor = "start", string style = "label") =>
        _svg.Append(
            CultureInfo.InvariantCulture,
            $"<text class=\"{style}\" x=\"{Number(x)}\" y=\"{Number(y)}\" text-anchor=\"{anchor}\">{Encode(text)}</text>\n");

    /// <summary>Draws a curve from left to right between two boxes.</summary>
    public void Curve(double x1, double y1, double x2, double y2, string style)
    {
        double middle = (x1 + x2) / 2;
        _svg.Append(CultureInfo.InvariantCulture,
            $"<path class=\"{style}\" d=\"M{Number(x1)} {Number(y1)}C{Number(middle)} {Number(y1)} {Number(middle)} {Number(y2)} "
                + $"{Number(x2)} {Number(y2)}\"/>\n");
    }

    /// <summary>Starts a link to an address in the app; it contains everything until <see cref="EndLink"/>.</summary>
    public void BeginLink(string address) =>
        _svg.Append(CultureInfo.InvariantCulture, $"<a href=\"{Encode(address)}\">");

    public void EndLink() => _svg.Append("</a>\n");

    public MarkupString End() => new(_svg.Append("</svg>\n").ToString());

    private static string Number(double value) => Math.Round(value, 1).ToString(CultureInfo.InvariantCulture);

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}
