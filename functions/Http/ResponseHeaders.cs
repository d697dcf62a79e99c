using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker.Middleware;

namespace Modeldrop.Functions.Http;

/// <summary>
/// Restricts what browsers do with pages, reports and downloads: no frames, no cache, no referrer for other sites. Pages of the console
/// load style and script from this app and send requests only to it; everything else runs no script and loads nothing.
/// </summary>
/// <remarks>
/// Files that users upload cannot become scripts in a page: files of versions have a type that no browser runs. Answers of the scoring
/// protocol are for programs and have no such headers.
/// </remarks>
internal sealed class ResponseHeaders : IFunctionsWorkerMiddleware
{
    private const string Policy =
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    private const string ConsolePolicy =
        "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; "
        + "form-action 'self'; frame-ancestors 'none'";

    // Orchestrations are replayed through this method: nothing may be awaited before next().
    public Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        if (context.GetHttpContext() is { } http && !ErrorAnswer.IsScoring(http))
        {
            IHeaderDictionary headers = http.Response.Headers;
            headers.ContentSecurityPolicy = ErrorAnswer.IsPage(http) ? ConsolePolicy : Policy;
            headers.XContentTypeOptions = "nosniff";
            headers.XFrameOptions = "DENY";
            headers.CacheControl = "no-store";
            
            // Forms of our own pages must state their origin; other sites still learn nothing.
            headers["Referrer-Policy"] = "same-origin";
        }

        return next(context);
    }
}
