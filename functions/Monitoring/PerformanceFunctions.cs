using Microsoft.AspNetCore.Http;
using Modeldrop.Functions.Http;
using Modeldrop.Monitoring.Performance;
using Modeldrop.Names;

namespace Modeldrop.Functions.Monitoring;

/// <summary>How well a model performed.</summary>
public sealed class PerformanceFunctions(PerformanceService performance, TimeProvider clock)
{
    /// <summary>
    /// By window and version, by default for the last seven days. <c>?window=</c> splits into hours, days or weeks, <c>?slice=</c> by the
    /// values of one or two inputs, and <c>?asOf=</c> ignores labels that arrived later.
    /// </summary>
    [Function(nameof(GetPerformance))]
    [Answers(typeof(PerformanceReport))]
    public async Task<IResult> GetPerformance(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/models/{model}/performance")] HttpRequest request,
        string model,
        CancellationToken cancellationToken)
    {
        PerformanceQuery asked = PerformanceRequest.Of(request, clock.GetUtcNow());
        return Answer.Json(await performance.ReadAsync(ModelName.Parse(model), asked, cancellationToken));
    }
}
