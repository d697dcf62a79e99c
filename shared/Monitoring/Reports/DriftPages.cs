using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Plots;
using Modeldrop.Predictions;
using Modeldrop.Registry;

namespace Modeldrop.Monitoring.Reports;

/// <summary>Gathers what the page of a drift report shows beside it.</summary>
public sealed class DriftPages(DriftStore reports, ProfileStore profiles, RegistryStore registry)
{
    private const int MaxHistory = 168;
    private static readonly TimeSpan LeastTraffic = TimeSpan.FromDays(7);

    public async Task<string> RenderAsync(DriftReport report, CancellationToken cancellationToken)
    {
        ModelName model = ModelName.Parse(report.Model);
        IReadOnlyList<DriftReport> history = await reports.ListAsync(model, report.Version, MaxHistory, cancellationToken);
        return DriftPage.Render(report, history, await TrafficAsync(model, report, cancellationToken));
    }

    /// <summary>Rows an hour of the versions that answered most, over the window or a week.</summary>
    private async Task<IReadOnlyList<TimeSeries>> TrafficAsync(ModelName model, DriftReport report, CancellationToken cancellationToken)
    {
        ModelHead? head = await registry.FindHeadAsync(model, cancellationToken);
        long to = Hours.Ceiling(report.To);
        long from = Math.Min(Hours.Floor(report.From), to - (long)LeastTraffic.TotalHours);
        List<TimeSeries> series = [];
        foreach (VersionEntry version in head?.Versions.Reverse().Take(2 * PlotStyle.MaxSeries) ?? [])
        {
            List<TimePoint> points = await profiles.ReadAsync(model, version.Version, from, to, new StorageMeter(), cancellationToken)
                .Select(row => new TimePoint(Hours.StartOf(row.Hour), row.Profile.Rows)).ToListAsync(cancellationToken);
            series.Add(new TimeSeries($"version {version.Version}", points));
        }

        return [.. series.Where(one => one.Points.Count > 0).OrderByDescending(one => one.Points.Sum(point => point.Value)).Take(PlotStyle.MaxSeries)];
    }
}
