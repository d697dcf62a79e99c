using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Modeldrop.Exchange.Bom;
using Modeldrop.Exchange.Bundles;
using Modeldrop.Functions.Http;
using Modeldrop.Functions.Lifecycle.Operations;
using Modeldrop.Functions.Registry;
using Modeldrop.Lifecycle.Registration;
using Modeldrop.Names;
using Modeldrop.Registry;

namespace Modeldrop.Functions.Exchange;

/// <summary>Exports and imports versions as single files, for other installations.</summary>
public sealed class BundleFunctions(
    VersionFinder finder, BundleExport export, ModelBom bom, BundleUpload upload, IOptions<RegistryOptions> options)
{
    /// <summary>The bundle of a version; <c>?data=true</c> includes its reference and validation data.</summary>
    [Function(nameof(GetBundle))]
    [Answers(null, ContentType = "application/zip")]
    public async Task<IResult> GetBundle(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head",
            Route = "api/models/{model}/versions/{version}/bundle")] HttpRequest request,
        string model,
        string version,
        CancellationToken cancellationToken)
    {
        var query = new RequestQuery(request);
        bool withData = query.Flag("data") ?? false;
        query.Check();
        VersionName name = await finder.FindAsync(model, version, cancellationToken);
        BundlePlan plan = await export.PlanAsync(name, withData, cancellationToken);
        var tag = new EntityTagHeaderValue($"\"{plan.ListSha256}\"");
        if (HttpMethods.IsHead(request.Method))
        {
            request.HttpContext.Response.GetTypedHeaders().ETag = tag;
            return Results.Bytes([], "application/zip");
        }

        return Results.Stream(
            output => export.WriteAsync(plan, output, cancellationToken), "application/zip", plan.FileName, entityTag: tag);
    }

    /// <summary>The bill of materials: CycloneDX 1.6, JSON.</summary>
    [Function(nameof(GetBom))]
    [Answers(null, ContentType = "application/vnd.cyclonedx+json")]
    public async Task<IResult> GetBom(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/models/{model}/versions/{version}/bom")] HttpRequest request,
        string model,
        string version,
        CancellationToken cancellationToken)
    {
        VersionName name = await finder.FindAsync(model, version, cancellationToken);
        return Results.Bytes(await bom.MakeAsync(name, cancellationToken), "application/vnd.cyclonedx+json; version=1.6");
    }

    /// <summary>Registers the version in a bundle, which is the body, as the next version of <c>?model=</c>.</summary>
    [Function(nameof(ImportBundle))]
    [Takes(null, ContentType = "application/zip")]
    [Answers(typeof(StartedOperation), StatusCodes.Status202Accepted)]
    public async Task<IResult> ImportBundle(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/bundles")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken)
    {
        RequestBody.CheckEncoding(request);
        var query = new RequestQuery(request);
        ModelName? model = query.Model("model");
        if (query.Text("model") is null)
        {
            query.Refuse("'model' is missing: POST /api/bundles?model=<name of the model here>.");
        }

        query.Check();
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            // The Functions host applies its own limit before this one.
            limit.MaxRequestBodySize = options.Value.MaxBundleBytes;
        }

        string? key = request.Headers["Idempotency-Key"].FirstOrDefault();
        RegisterInput drop = await upload.StoreAsync(model!.Value, key, request.Body, Caller.IdentityOf(request), cancellationToken);
        await new DurableOperations(client).StartAsync(drop.Id, drop, cancellationToken);
        return Answer.Accepted(request, drop.Id);
    }
}
