using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker.Middleware;

namespace Modeldrop.Functions.Http;

/// <summary>
/// Tells browsers what pages, reports and downloads may do: run no script, load nothing, be in no frame, stay in no cache, and name
/// themselves to nobody.
/// </summary>
/// <remarks>
/// The key may be in the address (<c>?code=</c>), so no other site may learn the address. Pages hold their own style and static SVG, and
/// nothing else. Answers of the scoring protocol are for programs and go without.
/// </remarks>
internal sealed class ResponseHeaders : IFunctionsWorkerMiddleware
{
    private const string Policy =
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

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
            headers["Referrer-Policy"] = "no-referrer";
        }

        return next(context);
    }
}
