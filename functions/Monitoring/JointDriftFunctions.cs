using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Functions.Http;
using Modeldrop.Monitoring;
using Modeldrop.Monitoring.Drift;
using Modeldrop.Names;

namespace Modeldrop.Functions.Monitoring;

/// <summary>Changes of the joint distribution, which no single feature shows: every night, and on demand.</summary>
public sealed class JointDriftFunctions(MonitoringService monitoring, JointDrift drift, JointDriftReports reports)
{
    // At night: one classifier per champion, each in a child process.
    [Function(nameof(CheckJointDrift))]
    public Task CheckJointDrift([TimerTrigger("0 10 3 * * *")] TimerInfo timer, CancellationToken cancellationToken) =>
        drift.RunAllAsync(cancellationToken);

    /// <summary>The latest report of a version.</summary>
    [Function(nameof(GetJointDrift))]
    [Answers(typeof(JointDriftReport))]
    public async Task<IResult> GetJointDrift(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/models/{model}/drift/joint")] HttpRequest request,
        string model,
        CancellationToken cancellationToken)
    {
        (ModelName name, int version, _, _) = await QueryAsync(request, model, cancellationToken);
        return Answer.Json(await reports.FindAsync(new VersionName(name, version), cancellationToken)
            ?? throw new ServiceException(ErrorCode.FileNotFound,
                $"The joint drift of version {version} of '{model}' has not been measured yet; POST to this address to measure it."));
    }

    /// <summary>Compares now; the report is stored.</summary>
    [Function(nameof(RunJointDrift))]
    [Answers(typeof(JointDriftReport))]
    public async Task<IResult> RunJointDrift(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/models/{model}/drift/joint")] HttpRequest request, string model,
        CancellationToken cancellationToken)
    {
        (ModelName name, int version, DateTimeOffset? from, DateTimeOffset? to) = await QueryAsync(request, model, cancellationToken);
        return Answer.Json(await drift.RunAsync(new VersionName(name, version), from, to, cancellationToken));
    }

    private async Task<(ModelName Model, int Version, DateTimeOffset? From, DateTimeOffset? To)> QueryAsync(
        HttpRequest request, string model, CancellationToken cancellationToken)
    {
        ModelName name = ModelName.Parse(model);
        var query = new RequestQuery(request);
        (int? version, DateTimeOffset? from, DateTimeOffset? to) = (query.Number("version", min: 1), query.Instant("from"),
            query.Instant("to"));
        if (from is null != to is null)
        {
            query.Refuse("A window needs both 'from' and 'to'.");
        }

        query.Check();
        return (name, await monitoring.FindVersionAsync(name, version, cancellationToken), from, to);
    }
}
