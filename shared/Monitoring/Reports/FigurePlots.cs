using System.Globalization;
using System.Text;
using Modeldrop.Metrics;
using Modeldrop.Plots;

namespace Modeldrop.Monitoring.Reports;

/// <summary>The pictures of classifiers side by side: confusion, ROC, precision and recall, reliability.</summary>
public static class FigurePlots
{
    /// <param name="subjects">What the page is about first, then what it is held against; those without figures are left out.</param>
    public static void Append(StringBuilder html, IReadOnlyList<(string Name, ClassifierFigures? Figures)> subjects)
    {
        (string Name, ClassifierFigures Figures)[] known =
            [.. subjects.Where(subject => subject.Figures is not null).Select(subject => (subject.Name, subject.Figures!))];
        html.Append("<div class=\"plots\">\n");
        foreach ((string name, ClassifierFigures figures) in known)
        {
            if (figures.Confusion is { } confusion)
            {
                html.Append(MatrixPlot.Draw($"Answers, {name}", "true class", "answered class", confusion.Classes, confusion.Counts));
            }
        }

        foreach (string ofClass in known.SelectMany(one => one.Figures.Curves).Select(curve => curve.Class).Distinct())
        {
            AppendCurves(html, ofClass, [.. known.Select(one => (one.Name,
                one.Figures.Curves.FirstOrDefault(curve => curve.Class == ofClass)))]);
        }

        UnitCurve[] reliability = [.. known.Where(one => one.Figures.Reliability.Count > 0)
            .Select(one => new UnitCurve(one.Name, [.. one.Figures.Reliability.Select(bin => Point(one.Name, bin))]))];
        if (reliability.Length > 0)
        {
            html.Append(UnitPlot.Draw("Reliability", "probability that was said", "share that was true", reliability, hasDiagonal: true,
                hasDots: true));
        }

        html.Append("</div>\n");
    }

    private static void AppendCurves(StringBuilder html, string ofClass, IReadOnlyList<(string Name, RankingCurves? Curve)> all)
    {
        (string Name, RankingCurves Curve)[] known = [.. all.Where(one => one.Curve is not null).Select(one => (one.Name, one.Curve!))];
        html.Append(UnitPlot.Draw($"ROC of '{ofClass}'", "share of the other rows", "share of its rows (recall)",
            [.. known.Select(one => new UnitCurve(Named(one.Name, one.Curve.Area), Points(one.Curve.Roc)))], hasDiagonal: true));
        html.Append(UnitPlot.Draw($"Precision and recall of '{ofClass}'", "recall", "precision",
            [.. known.Select(one => new UnitCurve(Named(one.Name, one.Curve.AveragePrecision), Points(one.Curve.PrecisionRecall)))],
            hasDiagonal: false, known[0].Curve.Share));
    }

    private static UnitPoint Point(string name, ReliabilityBin bin) => new(bin.Mean, bin.Share, bin.Low, bin.High, string.Create(
        CultureInfo.InvariantCulture,
        $"{name}: said {bin.Mean:0.000}, was true of {bin.Share:0.000} ({bin.Low:0.000} to {bin.High:0.000}) of {bin.Rows:N0} rows"));

    private static string Named(string name, double area) => string.Create(CultureInfo.InvariantCulture, $"{name} {area:0.000}");

    private static UnitPoint[] Points(IReadOnlyList<CurvePoint> points) => [.. points.Select(point => new UnitPoint(point.X, point.Y))];
}
