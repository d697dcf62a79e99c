using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Functions.Http;
using Modeldrop.Manifests;
using Modeldrop.Monitoring;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Monitoring.Reports;
using Modeldrop.Names;

namespace Modeldrop.Functions.Monitoring;

/// <summary>Drift of a model's traffic, and the profile that it is compared with.</summary>
public sealed class DriftFunctions(
    MonitoringService monitoring, DriftService drift, DriftStore reports, DriftPages pages, ReferenceProfiles references,
    ProfileStore windows)
{
    private const int MaxReports = 100;

    /// <summary>The newest reports; with <c>?from=&amp;to=</c> the comparison of that window, as far as the log is folded.
    /// <c>?format=html</c>: the newest, or that one, as a page; of a window with <c>&amp;input=</c> or <c>&amp;output=</c> the page of
    /// one feature, with <c>&amp;bin=</c> the requests behind a bin.</summary>
    [Function(nameof(GetDrift))]
    public async Task<IResult> GetDrift(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/models/{model}/drift")] HttpRequest request, string model,
        CancellationToken cancellationToken)
    {
        ModelName name = ModelName.Parse(model);
        (int? version, DateTimeOffset? from, DateTimeOffset? to, DriftBaseline? baseline) = QueryOf(request);
        bool isPage = ReportFormat.IsPage(request);
        int found = await monitoring.FindVersionAsync(name, version, cancellationToken);
        if (from is { } start && to is { } end)
        {
            DriftReport compared = await drift.CompareAsync(
                new VersionName(name, found), start, end, baseline ?? DriftBaseline.Reference, cancellationToken);
            if (isPage && FeatureOf(request) is { } feature)
            {
                return Answer.Page(await pages.RenderFeatureAsync(compared, feature.Name, feature.IsOutput, feature.Bin,
                    cancellationToken));
            }

            return isPage ? Answer.Page(await pages.RenderAsync(compared, cancellationToken)) : Answer.Json(compared);
        }

        if (!isPage)
        {
            return Answer.Json(new { reports = await reports.ListAsync(name, version, MaxReports, cancellationToken) });
        }

        DriftReport latest = await reports.FindLatestAsync(name, found, cancellationToken)
            ?? throw new ServiceException(
                ErrorCode.FileNotFound, $"Version {found} of '{model}' has not been checked yet; POST to this address checks now.");
        return Answer.Page(await pages.RenderAsync(latest, cancellationToken));
    }

    /// <summary>Folds what is new and checks now; the report is kept.</summary>
    [Function(nameof(RunDrift))]
    public async Task<IResult> RunDrift(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/models/{model}/drift")] HttpRequest request,
        string model,
        CancellationToken cancellationToken)
    {
        (int? version, DateTimeOffset? from, DateTimeOffset? to, DriftBaseline? baseline) = QueryOf(request);
        return Answer.Json(await monitoring.RunAsync(ModelName.Parse(model), version, from, to, baseline, cancellationToken));
    }

    /// <summary>
    /// The sealed bins of a version and what its reference data counted in them; with <c>?from=&amp;to=</c> also what the traffic of that
    /// window did.
    /// </summary>
    [Function(nameof(GetProfile))]
    public async Task<IResult> GetProfile(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/models/{model}/profile")] HttpRequest request, string model,
        CancellationToken cancellationToken)
    {
        ModelName name = ModelName.Parse(model);
        (int? asked, DateTimeOffset? from, DateTimeOffset? to, _) = QueryOf(request);
        int version = await monitoring.FindVersionAsync(name, asked, cancellationToken);
        ReferenceProfile profile = await references.FindAsync(new VersionName(name, version), cancellationToken)
            ?? throw new ServiceException(
                ErrorCode.FileNotFound,
                $"Version {version} of '{model}' came without reference data, so it has no profile yet; its first logged rows will make "
                    + $"one.");
        return from is { } start && to is { } end
            ? Answer.Json(await WindowProfile.ReadAsync(windows, new VersionName(name, version), profile, start, end, cancellationToken))
            : Answer.Json(profile);
    }

    private static (string Name, bool IsOutput, string? Bin)? FeatureOf(HttpRequest request)
    {
        var query = new RequestQuery(request);
        string? output = query.Text("output");
        return (query.Text("input") ?? output) is { } name ? (name, name == output && query.Text("input") is null, query.Text("bin"))
            : null;
    }

    private static (int? Version, DateTimeOffset? From, DateTimeOffset? To, DriftBaseline? Baseline) QueryOf(HttpRequest request)
    {
        var query = new RequestQuery(request);
        (int? version, DateTimeOffset? from, DateTimeOffset? to) = (
            query.Number("version", min: 1), query.Instant("from"), query.Instant("to"));
        if (query.Text("from") is null != query.Text("to") is null)
        {
            query.Refuse("A window needs both 'from' and 'to'.");
        }

        DriftBaseline? baseline = query.Text("baseline") is { } text ? DriftBaseline.Parse(text) : null;
        query.Check();
        return (version, from, to, baseline);
    }
}
