using Microsoft.AspNetCore.Http;
using Modeldrop.Functions.Http;
using Modeldrop.Scoring;

namespace Modeldrop.Functions.Scoring;

/// <summary>Health, readiness and metadata of the Open Inference Protocol.</summary>
public sealed class MetadataFunctions(InferenceServer server)
{
    [Function(nameof(GetServer))]
    public Task GetServer(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "v2")] HttpRequest request,
        CancellationToken cancellationToken) =>
        server.WriteMetadataAsync(request.HttpContext, cancellationToken);

    [Function(nameof(GetLive))]
    public Task GetLive(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "v2/health/live")] HttpRequest request,
        CancellationToken cancellationToken) =>
        server.WriteLiveAsync(request.HttpContext, cancellationToken);

    [Function(nameof(GetReady))]
    public Task GetReady(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "v2/health/ready")] HttpRequest request,
        CancellationToken cancellationToken) =>
        server.WriteReadyAsync(request.HttpContext, cancellationToken);

    [Function(nameof(ListServedModels))]
    public Task ListServedModels(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "v2/models")] HttpRequest request,
        CancellationToken cancellationToken) =>
        server.WriteModelsAsync(request.HttpContext, Caller.SeesIn(request), cancellationToken);

    [Function(nameof(DescribeModel))]
    public Task DescribeModel(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "v2/models/{model}")] HttpRequest request, string model,
        CancellationToken cancellationToken) =>
        server.WriteModelAsync(request.HttpContext, model, versionOrAlias: null, cancellationToken);

    [Function(nameof(DescribeModelVersion))]
    public Task DescribeModelVersion(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "v2/models/{model}/versions/{version}")] HttpRequest request,
        string model,
        string version,
        CancellationToken cancellationToken) =>
        server.WriteModelAsync(request.HttpContext, model, version, cancellationToken);

    [Function(nameof(GetModelReady))]
    public Task GetModelReady(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "v2/models/{model}/ready")] HttpRequest request, string model,
        CancellationToken cancellationToken) =>
        server.WriteModelReadyAsync(request.HttpContext, model, versionOrAlias: null, cancellationToken);

    [Function(nameof(GetModelVersionReady))]
    public Task GetModelVersionReady(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head",
            Route = "v2/models/{model}/versions/{version}/ready")] HttpRequest request,
        string model,
        string version,
        CancellationToken cancellationToken) =>
        server.WriteModelReadyAsync(request.HttpContext, model, version, cancellationToken);

    [Function(nameof(GetModelConfig))]
    public Task GetModelConfig(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "v2/models/{model}/config")] HttpRequest request, string model,
        CancellationToken cancellationToken) =>
        server.WriteConfigAsync(request.HttpContext, model, versionOrAlias: null, cancellationToken);

    [Function(nameof(GetModelVersionConfig))]
    public Task GetModelVersionConfig(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head",
            Route = "v2/models/{model}/versions/{version}/config")] HttpRequest request,
        string model,
        string version,
        CancellationToken cancellationToken) =>
        server.WriteConfigAsync(request.HttpContext, model, version, cancellationToken);

    [Function(nameof(GetAllStats))]
    public Task GetAllStats(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "v2/models/stats")] HttpRequest request,
        CancellationToken cancellationToken) =>
        server.WriteAllStatsAsync(request.HttpContext, Caller.SeesIn(request), cancellationToken);

    [Function(nameof(GetModelStats))]
    public Task GetModelStats(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "v2/models/{model}/stats")] HttpRequest request, string model,
        CancellationToken cancellationToken) =>
        server.WriteStatsAsync(request.HttpContext, model, versionOrAlias: null, cancellationToken);

    [Function(nameof(GetModelVersionStats))]
    public Task GetModelVersionStats(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head",
            Route = "v2/models/{model}/versions/{version}/stats")] HttpRequest request,
        string model,
        string version,
        CancellationToken cancellationToken) =>
        server.WriteStatsAsync(request.HttpContext, model, version, cancellationToken);

    [Function(nameof(IndexRepository))]
    public Task IndexRepository(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "v2/repository/index")] HttpRequest request,
        CancellationToken cancellationToken) =>
        server.WriteIndexAsync(request.HttpContext, Caller.SeesIn(request), cancellationToken);
}
