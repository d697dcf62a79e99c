using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Components;

namespace Modeldrop.Pages.Plots;

/// <summary>A value at an instant, with a band if it has one.</summary>
public sealed record TimePoint(DateTimeOffset At, double Value, double? Low = null, double? High = null);

/// <summary>Values of one series over time, in order.</summary>
public sealed record TimeSeries(string Name, IReadOnlyList<TimePoint> Points);

/// <summary>Lines over time with their bands.</summary>
/// <remarks>
/// The picture is complete without a script and in print. A page that loads <c>plots.js</c> replaces it with a plot of the data in the
/// attribute <c>data-plot</c>, with values under the pointer and a zoom.
/// </remarks>
public static class TimePlot
{
    private const double Width = 720;
    private const double Height = 220;
    private const double Left = 76;
    private const double Right = 12;
    private const double Top = 28;
    private const double Bottom = 24;
    private const int MaxDots = 120;

    /// <param name="fromZero">Whether the scale starts at 0.</param>
    public static MarkupString Draw(string title, IReadOnlyList<TimeSeries> series, bool fromZero)
    {
        MarkupString picture = DrawPicture(title, series, fromZero);
        return series.All(one => one.Points.Count < 2)
            ? picture
            : new MarkupString($"<div class=\"time-plot\" data-plot=\"{WebUtility.HtmlEncode(Data(title, series, fromZero))}\">"
                + $"{picture.Value}</div>\n");
    }

    /// <summary>Puts all series on one axis, with null where a series has no value.</summary>
    private static string Data(string title, IReadOnlyList<TimeSeries> series, bool fromZero)
    {
        long[] at = [.. series.SelectMany(one => one.Points).Select(point => point.At.ToUnixTimeMilliseconds()).Distinct().Order()];
        return JsonSerializer.Serialize(new { title, fromZero, at, series = series.Select(SeriesData) }, JsonSerializerOptions.Web);

        object SeriesData(TimeSeries one)
        {
            Dictionary<long, TimePoint> points = one.Points.Where(point => double.IsFinite(point.Value))
                .GroupBy(point => point.At.ToUnixTimeMilliseconds()).ToDictionary(some => some.Key, some => some.Last());
            bool isBanded = points.Values.Any(point => point is { Low: not null, High: not null });
            return new
            {
                name = one.Name,
                values = at.Select(time => points.GetValueOrDefault(time)?.Value),
                low = isBanded ? at.Select(time => points.GetValueOrDefault(time)?.Low) : null,
                high = isBanded ? at.Select(time => points.GetValueOrDefault(time)?.High) : null,
            };
        }
    }

    private static MarkupString DrawPicture(string title, IReadOnlyList<TimeSeries> series, bool fromZero)
    {
        var svg = new SvgWriter(Width, Height, title);
        Legend.Draw(svg, Left, [.. series.Select(one => one.Name)]);
        TimePoint[] points = [.. series.SelectMany(one => one.Points).Where(point => double.IsFinite(point.Value))];
        if (points.Length == 0)
        {
            svg.Text(Width / 2, Height / 2, "nothing yet", "middle", "soft");
            return svg.End();
        }

        DateTimeOffset first = points.Min(point => point.At);
        DateTimeOffset last = points.Max(point => point.At);
        (double low, double high) = Range(points, fromZero);
        double floor = Height - Bottom;
        double X(DateTimeOffset at) => last == first
            ? (Left + Width - Right) / 2
            : Left + ((at - first) / (last - first) * (Width - Left - Right));
        double Y(double value) => floor - ((value - low) / (high - low) * (floor - Top));
        foreach (double share in (double[])[0, 0.5, 1])
        {
            double y = floor - (share * (floor - Top));
            svg.Line(Left, y, Width - Right, y, "axis");
            svg.Text(Left - 6, y + 4, Number(low + (share * (high - low))), "end", "soft");
        }

        foreach ((double share, string anchor) in ((double, string)[])[(0, "start"), (0.5, "middle"), (1, "end")])
        {
            double x = Left + (share * (Width - Left - Right));
            svg.Text(x, Height - 8, Instant(first + (share * (last - first)), last - first), anchor, "soft");
        }

        foreach ((int index, TimeSeries one) in series.Index())
        {
            TimePoint[] known = [.. one.Points.Where(point => double.IsFinite(point.Value))];
            TimePoint[] banded = [.. known.Where(point => point is { Low: not null, High: not null })];
            if (banded.Length > 1)
            {
                var upper = banded.Select(point => (X(point.At), Y(point.High!.Value)));
                var lower = banded.Reverse().Select(point => (X(point.At), Y(point.Low!.Value)));
                svg.Polygon([.. upper, .. lower], PlotStyle.Series(index));
            }

            svg.Polyline(known.Select(point => (X(point.At), Y(point.Value))), PlotStyle.Series(index));
            foreach (TimePoint point in known.Length <= MaxDots ? known : [])
            {
                string band = point is { Low: { } from, High: { } to } ? $" ({Number(from)} to {Number(to)})" : "";
                svg.Circle(
                    X(point.At), Y(point.Value), 2.5, PlotStyle.Series(index),
                    $"{one.Name}, {Instant(point.At, TimeSpan.Zero)}: {Number(point.Value)}{band}");
            }
        }

        return svg.End();
    }

    private static (double Low, double High) Range(TimePoint[] points, bool fromZero)
    {
        double[] values = [.. points.SelectMany(point => (double[])[point.Value, point.Low ?? point.Value, point.High ?? point.Value])];
        double low = fromZero ? Math.Min(0, values.Min()) : values.Min();
        double high = values.Max();
        double margin = high > low ? (high - low) * 0.05 : Math.Max(Math.Abs(high) * 0.05, 1e-9);
        return (fromZero && low >= 0 ? 0 : low - margin, high + margin);
    }

    /// <summary>Formats an instant as precisely as the span requires.</summary>
    private static string Instant(DateTimeOffset at, TimeSpan span) =>
        span > TimeSpan.FromDays(3) ? Figures.Day(at) : Figures.Minute(at);

    private static string Number(double value) => Math.Abs(value) >= 1000 ? Figures.Count(value) : Figures.Short(value);
}
