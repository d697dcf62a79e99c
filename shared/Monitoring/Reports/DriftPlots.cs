using System.Text;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Statistics;
using Modeldrop.Plots;

namespace Modeldrop.Monitoring.Reports;

/// <summary>The plots of one feature in a drift report.</summary>
internal static class DriftPlots
{
    /// <summary>The distribution in the window beside the reference's.</summary>
    public static void AppendBins(StringBuilder html, FeatureDrift feature)
    {
        IReadOnlyList<BinShift> bins = PageBins.Of(feature);
        double current = bins.Sum(bin => bin.Current);
        double reference = bins.Sum(bin => bin.Reference);
        if (current > 0 && reference > 0)
        {
            html.Append(BarPlot.Draw(
                $"{DriftTable.NameOf(feature)}: share of values by bin", ["window", "reference"],
                [.. bins.Select(bin => new BarGroup(bin.Bin, [100 * bin.Current / current, 100 * bin.Reference / reference]))], " %"));
        }
    }

    /// <summary>The distance by the end of the window, with what noise alone reaches and what does not matter as bands.</summary>
    public static void AppendHistory(StringBuilder html, FeatureDrift feature, IReadOnlyList<DriftReport> reports)
    {
        (DateTimeOffset At, FeatureDrift Found)[] windows =
        [
            .. reports.OrderByDescending(one => one.CheckedAt).DistinctBy(one => (one.From, one.To)).OrderBy(one => one.To)
                .Select(one => (one.To,
                    one.Features.FirstOrDefault(other => other.Name == feature.Name && other.IsOutput == feature.IsOutput)))
                .Where(one => one.Item2 is not null && DriftTable.DistanceOf(one.Item2) >= 0)
                .Select(one => (one.To, one.Item2!)),
        ];
        if (windows.Select(window => window.At).Distinct().Count() < 2)
        {
            return;
        }

        html.Append(TimePlot.Draw(
            $"{DriftTable.NameOf(feature)}: Jensen-Shannon distance by the end of the window",
            [
                new TimeSeries("Jensen-Shannon distance",
                    [.. windows.Select(window => new TimePoint(window.At, DriftTable.DistanceOf(window.Found)))]),
                new TimeSeries("noise",
                    [.. windows.Where(window => DriftTable.Find(window.Found, JensenShannon.Name)!.NoiseLimit is not null)
                    .Select(window => Band(window.At, DriftTable.Find(window.Found, JensenShannon.Name)!.NoiseLimit!.Value))]),
                new TimeSeries("below the floor", [.. windows.Select(window => Band(window.At, window.Found.Floor))]),
            ],
            [], fromZero: true));
    }

    private static TimePoint Band(DateTimeOffset at, double limit) => new(at, limit, 0, limit);
}
