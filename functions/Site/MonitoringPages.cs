using Microsoft.AspNetCore.Http;
using Modeldrop.Functions.Http;
using Modeldrop.Functions.Monitoring;
using Modeldrop.Lifecycle.Drills;
using Modeldrop.Lifecycle.Shadow;
using Modeldrop.Monitoring;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Performance;
using Modeldrop.Monitoring.Reports;
using Modeldrop.Names;
using Modeldrop.Site.Monitoring;

namespace Modeldrop.Functions.Site;

/// <summary>The pages of drift, performance, shadows and fire drills.</summary>
public sealed class MonitoringPages(
    MonitoringService monitoring, DriftService drift, DriftStore reports, DriftPages pages, PerformanceService performance,
    ShadowReports shadows, DrillReports drills, TimeProvider clock)
{
    /// <summary>
    /// Shows the newest report of a version, or that of a window. <c>?input=</c> or <c>?output=</c> shows the page of a feature, and with
    /// <c>&amp;bin=</c> the requests in a bin.
    /// </summary>
    [Function(nameof(ShowDrift))]
    public async Task<IResult> ShowDrift(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "console/models/{model}/drift")] HttpRequest request,
        string model,
        CancellationToken cancellationToken)
    {
        ModelName name = ModelName.Parse(model);
        DriftQuery asked = DriftQuery.Of(request);
        int version = await monitoring.FindVersionAsync(name, asked.Version, cancellationToken);
        DriftReport? report = asked is { From: { } from, To: { } to }
            ? await drift.CompareAsync(new VersionName(name, version), from, to, asked.Baseline, cancellationToken)
            : await reports.FindLatestAsync(name, version, cancellationToken);
        if (report is null)
        {
            return Answer.Page<UncheckedPage, UncheckedView>(new UncheckedView(name.Value, version));
        }

        var query = new RequestQuery(request);
        string? input = query.Text("input");
        return Answer.Page((input ?? query.Text("output")) is { } feature
            ? await pages.RenderFeatureAsync(report, feature, input is null, query.Text("bin"), cancellationToken)
            : await pages.RenderAsync(report, cancellationToken));
    }

    [Function(nameof(ShowPerformance))]
    public async Task<IResult> ShowPerformance(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "console/models/{model}/performance")] HttpRequest request,
        string model,
        CancellationToken cancellationToken)
    {
        PerformanceQuery asked = PerformanceRequest.Of(request, clock.GetUtcNow());
        PerformanceReport report = await performance.ReadAsync(ModelName.Parse(model), asked, cancellationToken);
        return Answer.Page<PerformancePage, PerformanceReport>(report);
    }

    [Function(nameof(ShowShadow))]
    public async Task<IResult> ShowShadow(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "console/models/{model}/shadow")] HttpRequest request,
        string model,
        CancellationToken cancellationToken)
    {
        int? version = VersionOf(request);
        return Answer.Page<ShadowPage, ShadowReport>(await shadows.GetAsync(ModelName.Parse(model), version, cancellationToken));
    }

    [Function(nameof(ShowDrill))]
    public async Task<IResult> ShowDrill(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "console/models/{model}/drill")] HttpRequest request,
        string model,
        CancellationToken cancellationToken)
    {
        ModelName name = ModelName.Parse(model);
        int version = await monitoring.FindVersionAsync(name, VersionOf(request), cancellationToken);
        DrillReport? report = await drills.FindAsync(new VersionName(name, version), cancellationToken);
        return Answer.Page<DrillPage, DrillView>(new DrillView(name.Value, version, report));
    }

    private static int? VersionOf(HttpRequest request)
    {
        var query = new RequestQuery(request);
        int? version = query.Number("version", min: 1);
        query.Check();
        return version;
    }
}
