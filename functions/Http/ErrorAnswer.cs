using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Wire.Mlflow;
using Modeldrop.Wire.OpenInference;

namespace Modeldrop.Functions.Http;

/// <summary>
/// Answers in the form that the route's protocol has for errors: <c>{"error"}</c> below <c>/v2</c>, <c>{"error_code", "message"}</c> on
/// MLflow's routes, else problem+json.
/// </summary>
internal static class ErrorAnswer
{
    private static readonly PathString[] MlflowRoutes = ["/models", "/ping", "/health", "/version"];

    public static Task WriteAsync(HttpContext http, ServiceException exception) =>
        IsScoring(http) ? OipCodec.WriteErrorAsync(http, exception, http.RequestAborted)
        : IsMlflow(http) ? InvocationErrors.WriteAsync(http, exception, http.RequestAborted)
        : ErrorResponse.WriteAsync(http, exception);

    /// <summary>500 with a fixed text.</summary>
    public static Task WriteBugAsync(HttpContext http, Exception exception) =>
        IsScoring(http) ? OipCodec.WriteErrorAsync(http, exception, http.RequestAborted)
        : IsMlflow(http) ? InvocationErrors.WriteAsync(http, exception, http.RequestAborted)
        : ErrorResponse.WriteBugAsync(http);

    /// <summary>Whether the route belongs to MLflow's scoring protocol.</summary>
    private static bool IsMlflow(HttpContext http) => MlflowRoutes.Any(
        route => http.Request.Path.StartsWithSegments(route, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether the route belongs to the scoring protocol. Routes do not mind the case of letters.</summary>
    public static bool IsScoring(HttpContext http) => http.Request.Path.StartsWithSegments("/v2", StringComparison.OrdinalIgnoreCase);
}
