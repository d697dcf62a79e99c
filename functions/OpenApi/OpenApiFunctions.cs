using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Modeldrop.Functions.Http;

namespace Modeldrop.Functions.OpenApi;

/// <summary>The description of the API, for programs and for people. It says nothing of the installation: no key is asked.</summary>
public sealed class OpenApiFunctions
{
    [Function(nameof(GetOpenApi))]
    [Answers(null)]
    public IResult GetOpenApi(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/openapi.json")] HttpRequest request)
    {
        // To be asked again each time, and mostly answered with 304.
        request.HttpContext.Response.Headers.CacheControl = "no-cache";
        return Results.Bytes(ApiDocument.Json, "application/json", entityTag: new EntityTagHeaderValue($"\"{ApiDocument.Hash}\""));
    }
}
