using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Modeldrop.Exchange.Bundles;
using Modeldrop.Functions.Http;
using Modeldrop.Functions.Registry;
using Modeldrop.Names;

namespace Modeldrop.Functions.Exchange;

/// <summary>Versions as one file each, for other installations.</summary>
public sealed class BundleFunctions(VersionFinder finder, BundleExport export)
{
    /// <summary>The bundle of a version; with <c>?data=true</c> its reference and validation data too.</summary>
    [Function(nameof(GetBundle))]
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
}
