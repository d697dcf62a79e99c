using Microsoft.AspNetCore.Http;
using Modeldrop.Scoring;

namespace Modeldrop.Functions.Scoring;

/// <summary>MLflow's scoring protocol.</summary>
public sealed class InvocationFunctions(ScoringService scoring, InferenceServer server)
{
    [Function(nameof(Invoke))]
    public Task Invoke(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "models/{model}/invocations")] HttpRequest request, string model, CancellationToken cancellationToken) =>
        scoring.InvokeAsync(request.HttpContext, model, cancellationToken);

    [Function(nameof(Ping))]
    public Task Ping([HttpTrigger(AuthorizationLevel.Function, "get", Route = "ping")] HttpRequest request, CancellationToken cancellationToken) =>
        server.WritePingAsync(request.HttpContext, cancellationToken);

    [Function(nameof(GetServerVersion))]
    public Task GetServerVersion([HttpTrigger(AuthorizationLevel.Function, "get", Route = "version")] HttpRequest request, CancellationToken cancellationToken) =>
        server.WriteVersionAsync(request.HttpContext, cancellationToken);
}
