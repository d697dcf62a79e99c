using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Modeldrop.Errors;
using Modeldrop.Pages;

namespace Modeldrop.Functions.Site;

/// <summary>
/// The files that pages load. They are the same for everybody and contain nothing about the installation, so they need no key.
/// </summary>
public sealed class AssetFunctions
{
    private const string ForEver = "public, max-age=31536000, immutable";

    [Function(nameof(GetAsset))]
    public IResult GetAsset(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "assets/{name}")] HttpRequest request, string name)
    {
        PageAsset asset = PageAssets.Find(name)
            ?? throw new ServiceException(ErrorCode.FileNotFound, $"There is no file '{name}'.");

        // Without the hash of the content, the address was typed by a person and must show the present file.
        request.HttpContext.Response.Headers.CacheControl = request.Query["v"] == asset.Hash ? ForEver : "no-cache";
        ReadOnlyMemory<byte> content = asset.Content;
        if (asset.IsPacked)
        {
            request.HttpContext.Response.Headers.Vary = HeaderNames.AcceptEncoding;
            bool takesGzip = request.GetTypedHeaders().AcceptEncoding
                .Any(one => one.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase) && one.Quality is null or > 0);
            if (takesGzip)
            {
                request.HttpContext.Response.Headers.ContentEncoding = "gzip";
            }
            else
            {
                content = asset.Unpack();
            }
        }

        return Results.Bytes(content, asset.ContentType, entityTag: new EntityTagHeaderValue($"\"{asset.Hash}\""));
    }
}
