using Microsoft.AspNetCore.Http;
using Modeldrop.Scoring;

namespace Modeldrop.Functions.Scoring;

/// <summary>MLflow's scoring protocol.</summary>
public sealed class InvocationFunctions(ScoringService scoring, InferenceServer server)
{
    [Function(nameof(Invoke))]
    public Task Invoke(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "models/{model}/invocations")] HttpRequest request,
        string model,
        CancellationToken cancellationToken) =>
        scoring.InvokeAsync(request.HttpContext, model, cancellationToken);

    [Function(nameof(Ping))]
    public Task Ping([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "ping")] HttpRequest request,
        CancellationToken cancellationToken) =>
        server.WritePingAsync(request.HttpContext, cancellationToken);

    /// <summary>For clients that address one model: <c>/models/{m}</c> is then their server.</summary>
    [Function(nameof(PingModel))]
    public Task PingModel(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "models/{model}/ping")] HttpRequest request,
        string model,
        CancellationToken cancellationToken) => server.WriteModelPingAsync(request.HttpContext, model, cancellationToken);

    [Function(nameof(GetModelHealth))]
    public Task GetModelHealth(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "models/{model}/health")] HttpRequest request,
        string model,
        CancellationToken cancellationToken) => server.WriteModelPingAsync(request.HttpContext, model, cancellationToken);

    [Function(nameof(GetModelServerVersion))]
    public Task GetModelServerVersion(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "models/{model}/version")] HttpRequest request,
        CancellationToken cancellationToken) => server.WriteVersionAsync(request.HttpContext, cancellationToken);

    [Function(nameof(GetHealth))]
    public Task GetHealth(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "health")] HttpRequest request,
        CancellationToken cancellationToken) => server.WritePingAsync(request.HttpContext, cancellationToken);

    [Function(nameof(GetServerVersion))]
    public Task GetServerVersion([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "version")] HttpRequest request,
        CancellationToken cancellationToken) =>
        server.WriteVersionAsync(request.HttpContext, cancellationToken);
}
