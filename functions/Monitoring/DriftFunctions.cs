using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Functions.Http;
using Modeldrop.Monitoring;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Monitoring.Profiles;
using Modeldrop.Names;

namespace Modeldrop.Functions.Monitoring;

/// <summary>Drift of a model's traffic, and the reference profile.</summary>
public sealed class DriftFunctions(
    MonitoringService monitoring, DriftService drift, DriftStore reports, ReferenceProfiles references, ProfileStore windows)
{
    private const int MaxReports = 100;

    private sealed record DriftReports(IReadOnlyList<DriftReport> Reports);

    /// <summary>The newest reports; with <c>?from=&amp;to=</c> the comparison of that window, as far as the log is folded.</summary>
    [Function(nameof(GetDrift))]
    [Answers(typeof(DriftReports))]
    [Answers(typeof(DriftReport))]
    public async Task<IResult> GetDrift(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/models/{model}/drift")] HttpRequest request, string model,
        CancellationToken cancellationToken)
    {
        ModelName name = ModelName.Parse(model);
        DriftQuery asked = DriftQuery.Of(request);
        int version = await monitoring.FindVersionAsync(name, asked.Version, cancellationToken);
        return asked is { From: { } from, To: { } to }
            ? Answer.Json(await drift.CompareAsync(new VersionName(name, version), from, to, asked.Baseline, cancellationToken))
            : Answer.Json(new DriftReports(await reports.ListAsync(name, asked.Version, MaxReports, cancellationToken)));
    }

    /// <summary>Folds new records and checks now; the report is stored.</summary>
    [Function(nameof(RunDrift))]
    [Answers(typeof(DriftReport))]
    public async Task<IResult> RunDrift(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/models/{model}/drift")] HttpRequest request,
        string model,
        CancellationToken cancellationToken)
    {
        DriftQuery asked = DriftQuery.Of(request);
        return Answer.Json(await monitoring.RunAsync(
            ModelName.Parse(model), asked.Version, asked.From, asked.To, asked.Chosen, cancellationToken));
    }

    /// <summary>
    /// The sealed bins of a version and the counts of its reference data; with <c>?from=&amp;to=</c> also the counts of that window's
    /// traffic.
    /// </summary>
    [Function(nameof(GetProfile))]
    [Answers(typeof(ReferenceProfile))]
    [Answers(typeof(WindowProfile))]
    public async Task<IResult> GetProfile(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/models/{model}/profile")] HttpRequest request, string model,
        CancellationToken cancellationToken)
    {
        ModelName name = ModelName.Parse(model);
        DriftQuery asked = DriftQuery.Of(request);
        int version = await monitoring.FindVersionAsync(name, asked.Version, cancellationToken);
        ReferenceProfile profile = await references.FindAsync(new VersionName(name, version), cancellationToken)
            ?? throw new ServiceException(
                ErrorCode.FileNotFound,
                $"Version {version} of '{model}' has no reference data, so it has no profile yet; its first logged rows will become "
                    + $"its reference.");
        return asked is { From: { } start, To: { } end }
            ? Answer.Json(await WindowProfile.ReadAsync(windows, new VersionName(name, version), profile, start, end, cancellationToken))
            : Answer.Json(profile);
    }
}
