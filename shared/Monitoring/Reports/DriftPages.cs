using Modeldrop.Errors;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Names;
using Modeldrop.Pages;
using Modeldrop.Pages.Plots;
using Modeldrop.Predictions;
using Modeldrop.Registry;

namespace Modeldrop.Monitoring.Reports;

/// <summary>Gathers the additional content of the page of a drift report.</summary>
public sealed class DriftPages(
    DriftStore reports, JointDriftReports joint, ProfileStore profiles, ReferenceProfiles references, RegistryStore registry,
    PredictionStore log, TimeProvider clock)
{
    private const int MaxHistory = 168;
    private static readonly TimeSpan LeastTraffic = TimeSpan.FromDays(7);

    public async Task<string> RenderAsync(DriftReport report, CancellationToken cancellationToken)
    {
        ModelName model = report.Model;
        IReadOnlyList<DriftReport> history = await reports.ListAsync(model, report.Version, MaxHistory, cancellationToken);
        IReadOnlyList<TimeSeries> traffic = await TrafficAsync(model, report, cancellationToken);
        JointDriftReport? together = await joint.FindAsync(report.Name, cancellationToken);
        return HtmlPage.Render<DriftPage, DriftPageContent>(new DriftPageContent(report, history, traffic, together));
    }

    /// <summary>Renders the page of one feature of a report.</summary>
    /// <param name="bin">The bin to list requests for; null: none.</param>
    /// <exception cref="ServiceException"><see cref="ErrorCode.FileNotFound"/> for a feature that the report does not have.</exception>
    public async Task<string> RenderFeatureAsync(
        DriftReport report, string name, bool isOutput, string? bin, CancellationToken cancellationToken)
    {
        ModelName model = report.Model;
        FeatureDrift feature = report.Features.FirstOrDefault(one => one.Name == name && one.IsOutput == isOutput)
            ?? throw new ServiceException(ErrorCode.FileNotFound,
                $"Version {report.Version} of '{model}' has no compared {(isOutput ? "output" : "input")} '{name}'.");
        ReferenceProfile profile = (await references.FindAsync(report.Name, cancellationToken))!;
        (int index, ReferenceFeature bins) = profile.Features.Index()
            .First(one => one.Item.Feature.Name == name && one.Item.Feature.IsOutput == isOutput);
        WindowHours window = await WindowHours.ReadAsync(
            profiles, report.Name, profile, Hours.Floor(report.From), Hours.Ceiling(report.To), cancellationToken);
        BinRequestList? requests = bin is null || bins.Feature is { IsSummary: true } or { Groups: > 0 } or { Slice: >= 0 }
            ? null
            : await new BinRequests(log).FindAsync(report, bins, bin, clock.GetUtcNow(), cancellationToken);
        IReadOnlyList<DriftReport> history = await reports.ListAsync(model, report.Version, MaxHistory, cancellationToken);
        return HtmlPage.Render<FeaturePage, FeaturePageContent>(new FeaturePageContent(
            report, feature, [.. history, report], FeatureOverTime.Of(bins, index, window.Hours), bin, requests));
    }

    /// <summary>Rows per hour of the versions that answered most, over the window or a week.</summary>
    private async Task<IReadOnlyList<TimeSeries>> TrafficAsync(ModelName model, DriftReport report, CancellationToken cancellationToken)
    {
        ModelHead? head = await registry.FindHeadAsync(model, cancellationToken);
        long to = Hours.Ceiling(report.To);
        long from = Math.Min(Hours.Floor(report.From), to - (long)LeastTraffic.TotalHours);
        List<TimeSeries> series = [];
        foreach (VersionEntry version in head?.Versions.Reverse().Take(2 * PlotStyle.MaxSeries) ?? [])
        {
            List<TimePoint> points = await profiles.ReadAsync(
                new VersionName(model, version.Number), from, to, cancellationToken)
                .Select(row => new TimePoint(Hours.StartOf(row.Hour), row.Profile.Rows)).ToListAsync(cancellationToken);
            series.Add(new TimeSeries($"version {version.Number}", points));
        }

        return [
            .. series.Where(one => one.Points.Count > 0).OrderByDescending(one => one.Points.Sum(point => point.Value))
                .Take(PlotStyle.MaxSeries)];
    }
}
