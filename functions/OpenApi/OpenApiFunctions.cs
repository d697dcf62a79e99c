using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Modeldrop.Functions.Http;
using Modeldrop.Pages;

namespace Modeldrop.Functions.OpenApi;

/// <summary>
/// The description of the API, for programs and for people. It reveals nothing about the installation, so it needs no key.
/// </summary>
public sealed class OpenApiFunctions
{
    // Scalar sets inline styles and shows embedded images. It loads and sends nothing elsewhere.
    private const string Policy =
        "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
        + "font-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static readonly string Page = $"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>API · Modeldrop</title>
        <link rel="icon" href="{PageAssets.AddressOf("icon.svg")}" type="image/svg+xml">
        <script src="{PageAssets.AddressOf("scalar.js")}" defer></script>
        <script src="{PageAssets.AddressOf("docs.js")}" defer></script>
        </head>
        <body>
        <nav style="padding: 12px 20px; font: 600 15px system-ui, sans-serif"><a href="{PageLinks.Models}">Modeldrop</a></nav>
        <noscript>This page needs JavaScript. The description itself: <a href="/api/openapi.json">openapi.json</a>.</noscript>
        <main id="app"></main>
        </body>
        </html>
        """;

    [Function(nameof(GetOpenApi))]
    [Answers(null)]
    public IResult GetOpenApi(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/openapi.json")] HttpRequest request)
    {
        // Clients revalidate each time and usually get 304.
        request.HttpContext.Response.Headers.CacheControl = "no-cache";
        return Results.Bytes(ApiDocument.Json, "application/json", entityTag: new EntityTagHeaderValue($"\"{ApiDocument.Hash}\""));
    }

    /// <summary>The description as an interactive page.</summary>
    [Function(nameof(ShowApi))]
    [Answers(null, ContentType = "text/html")]
    public IResult ShowApi([HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "api/docs")] HttpRequest request)
    {
        request.HttpContext.Response.Headers.ContentSecurityPolicy = Policy;
        return Answer.Page(Page);
    }
}
