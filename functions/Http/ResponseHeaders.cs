using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker.Middleware;

namespace Modeldrop.Functions.Http;

/// <summary>
/// Tells browsers what pages, reports and downloads may do: run no script, load nothing, be in no frame, stay in no cache, and name
/// themselves to no other site.
/// </summary>
/// <remarks>
/// Pages hold their own style and static SVG, and nothing else. Answers of the scoring protocol are for programs and go without.
/// </remarks>
internal sealed class ResponseHeaders : IFunctionsWorkerMiddleware
{
    private const string Policy =
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    // Orchestrations are replayed through here: nothing may be awaited before next().
    public Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        if (context.GetHttpContext() is { } http && !ErrorAnswer.IsScoring(http))
        {
            IHeaderDictionary headers = http.Response.Headers;
            headers.ContentSecurityPolicy = Policy;
            headers.XContentTypeOptions = "nosniff";
            headers.XFrameOptions = "DENY";
            headers.CacheControl = "no-store";
            
            // Forms of our own pages must name their origin; other sites still learn nothing.
            headers["Referrer-Policy"] = "same-origin";
        }

        return next(context);
    }
}
