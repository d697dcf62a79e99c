using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Scoring;

namespace Modeldrop.Functions.Scoring;

/// <summary>Health, readiness and metadata of the Open Inference Protocol.</summary>
public sealed class MetadataFunctions(MetadataService metadata)
{
    [Function(nameof(GetServer))]
    public IResult GetServer([HttpTrigger(AuthorizationLevel.Function, "get", Route = "v2")] HttpRequest request) => Json(MetadataService.Server);

    // Both members on both routes: one client looks at the status only, another one at a member.
    [Function(nameof(GetLive))]
    public IResult GetLive([HttpTrigger(AuthorizationLevel.Function, "get", Route = "v2/health/live")] HttpRequest request) =>
        Json(new { live = true, ready = metadata.IsReady });

    [Function(nameof(GetReady))]
    public IResult GetReady([HttpTrigger(AuthorizationLevel.Function, "get", Route = "v2/health/ready")] HttpRequest request) =>
        metadata.IsReady
            ? Json(new { live = true, ready = true })
            : throw new ServiceException(ErrorCode.StoreUnavailable, "The registry has not been read yet.");

    [Function(nameof(ListServedModels))]
    public IResult ListServedModels([HttpTrigger(AuthorizationLevel.Function, "get", Route = "v2/models")] HttpRequest request) =>
        Json(new { models = metadata.Models });

    [Function(nameof(DescribeModel))]
    public Task<IResult> DescribeModel(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "v2/models/{model}")] HttpRequest request, string model, CancellationToken cancellationToken) =>
        DescribeAsync(model, null, cancellationToken);

    [Function(nameof(DescribeModelVersion))]
    public Task<IResult> DescribeModelVersion(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "v2/models/{model}/versions/{version}")] HttpRequest request,
        string model,
        string version,
        CancellationToken cancellationToken) =>
        DescribeAsync(model, version, cancellationToken);

    [Function(nameof(GetModelReady))]
    public Task<IResult> GetModelReady(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "v2/models/{model}/ready")] HttpRequest request, string model, CancellationToken cancellationToken) =>
        GetReadyAsync(model, null, cancellationToken);

    [Function(nameof(GetModelVersionReady))]
    public Task<IResult> GetModelVersionReady(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "v2/models/{model}/versions/{version}/ready")] HttpRequest request,
        string model,
        string version,
        CancellationToken cancellationToken) =>
        GetReadyAsync(model, version, cancellationToken);

    [Function(nameof(IndexRepository))]
    public IResult IndexRepository([HttpTrigger(AuthorizationLevel.Function, "post", Route = "v2/repository/index")] HttpRequest request) =>
        Json(metadata.Index());

    private async Task<IResult> DescribeAsync(string model, string? version, CancellationToken cancellationToken) =>
        Json(await metadata.DescribeAsync(model, version, cancellationToken));

    private async Task<IResult> GetReadyAsync(string model, string? version, CancellationToken cancellationToken)
    {
        await metadata.EnsureReadyAsync(model, version, cancellationToken);
        return Json(new ModelReadiness(model, true));
    }

    private static IResult Json<T>(T value) => Results.Json(value, contentType: "application/json");
}
