using Microsoft.AspNetCore.Http;
using Modeldrop.Scoring;

namespace Modeldrop.Functions.Scoring;

/// <summary>The scoring route of the Open Inference Protocol.</summary>
public sealed class InferenceFunctions(ScoringService scoring)
{
    [Function(nameof(Infer))]
    public Task Infer(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "v2/models/{model}/infer")] HttpRequest request,
        string model,
        CancellationToken cancellationToken) =>
        scoring.InferAsync(request.HttpContext, model, versionOrAlias: null, cancellationToken);

    [Function(nameof(InferVersion))]
    public Task InferVersion(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "v2/models/{model}/versions/{version}/infer")] HttpRequest request,
        string model,
        string version,
        CancellationToken cancellationToken) =>
        scoring.InferAsync(request.HttpContext, model, version, cancellationToken);
}
