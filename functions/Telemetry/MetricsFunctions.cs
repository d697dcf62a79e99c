using Microsoft.AspNetCore.Http;
using Modeldrop.Functions.Http;
using Modeldrop.Telemetry;

namespace Modeldrop.Functions.Telemetry;

/// <summary>The counts of this instance since it started.</summary>
public sealed class MetricsFunctions(MetricsText metrics)
{
    /// <summary>Prometheus text.</summary>
    [Function(nameof(GetMetrics))]
    [Answers(null, ContentType = "text/plain")]
    public Task GetMetrics([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "metrics")] HttpRequest request,
        CancellationToken cancellationToken)
    {
        HttpResponse response = request.HttpContext.Response;
        response.ContentType = MetricsText.ContentType;
        return metrics.WriteAsync(response.Body, cancellationToken);
    }
}
