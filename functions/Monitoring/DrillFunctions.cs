using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Functions.Http;
using Modeldrop.Lifecycle.Drills;
using Modeldrop.Monitoring;
using Modeldrop.Names;

namespace Modeldrop.Functions.Monitoring;

/// <summary>Fire drills: what monitoring would have done on a version's own traffic.</summary>
public sealed class DrillFunctions(MonitoringService monitoring, FireDrill drill, DrillReports drills)
{
    // The host ends a request after 230 s.
    private const int MaxSeconds = 200;
    private const int DefaultSeconds = 60;

    /// <summary>Runs a drill and stores its report; <c>?seconds=</c> limits the time for drawing streams.</summary>
    [Function(nameof(RunDrill))]
    [Answers(typeof(DrillReport))]
    public async Task<IResult> RunDrill(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/models/{model}/drill")] HttpRequest request, string model,
        CancellationToken cancellationToken)
    {
        ModelName name = ModelName.Parse(model);
        var query = new RequestQuery(request);
        (int? version, int? seconds) = (query.Number("version", min: 1), query.Number("seconds", min: 1, max: MaxSeconds));
        query.Check();
        int found = await monitoring.FindVersionAsync(name, version, cancellationToken);
        return Answer.Json(
            await drill.RunAsync(new VersionName(name, found), TimeSpan.FromSeconds(seconds ?? DefaultSeconds), cancellationToken));
    }

    /// <summary>The latest report of a version.</summary>
    [Function(nameof(GetDrill))]
    [Answers(typeof(DrillReport))]
    public async Task<IResult> GetDrill(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/models/{model}/drill")] HttpRequest request, string model,
        CancellationToken cancellationToken)
    {
        ModelName name = ModelName.Parse(model);
        var query = new RequestQuery(request);
        int? version = query.Number("version", min: 1);
        query.Check();
        int found = await monitoring.FindVersionAsync(name, version, cancellationToken);
        return Answer.Json(await drills.FindAsync(new VersionName(name, found), cancellationToken)
            ?? throw new ServiceException(ErrorCode.FileNotFound,
                $"There was no drill of version {found} of '{model}' yet; POST to this address to run one."));
    }
}
