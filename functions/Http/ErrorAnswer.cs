using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Site;
using Modeldrop.Tracking.Protocol;
using Modeldrop.Wire.Mlflow;
using Modeldrop.Wire.OpenInference;

namespace Modeldrop.Functions.Http;

/// <summary>
/// Writes errors in the format of the route: <c>{"error"}</c> below <c>/v2</c>, <c>{"error_code", "message"}</c> on MLflow's routes (of
/// scoring, and of tracking and registry), a page in the console, otherwise problem+json.
/// </summary>
internal static class ErrorAnswer
{
    private static readonly PathString[] PageRoutes = ["/console", "/sign-in"];
    private static readonly PathString[] MlflowRoutes = ["/models", "/ping", "/health", "/version"];

    /// <summary>All versions of MLflow's tracking and registry protocol.</summary>
    private static readonly PathString[] TrackingRoutes = ["/api/2.0", "/api/3.0"];

    public static Task WriteAsync(HttpContext http, ServiceException exception) =>
        IsScoring(http) ? OipCodec.WriteErrorAsync(http, exception, http.RequestAborted)
        : IsMlflow(http) ? InvocationErrors.WriteAsync(http, exception, http.RequestAborted)
        : IsTracking(http) ? TrackingErrors.WriteAsync(http, exception)
        : IsPage(http) ? WritePageAsync(http, exception)
        : ErrorResponse.WriteAsync(http, exception);

    /// <summary>Writes 500 with a fixed text.</summary>
    public static Task WriteBugAsync(HttpContext http, Exception exception) =>
        IsScoring(http) ? OipCodec.WriteErrorAsync(http, exception, http.RequestAborted)
        : IsMlflow(http) ? InvocationErrors.WriteAsync(http, exception, http.RequestAborted)
        : IsTracking(http) ? TrackingErrors.WriteBugAsync(http)
        : ErrorResponse.WriteBugAsync(http);

    private static bool IsTracking(HttpContext http) => TrackingRoutes.Any(
        route => http.Request.Path.StartsWithSegments(route, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether the route belongs to MLflow's scoring protocol.</summary>
    private static bool IsMlflow(HttpContext http) => MlflowRoutes.Any(
        route => http.Request.Path.StartsWithSegments(route, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether the route is a page of the console, or the sign-in.</summary>
    public static bool IsPage(HttpContext http) =>
        http.Request.Path is { HasValue: false } or { Value: "/" }
        || PageRoutes.Any(route => http.Request.Path.StartsWithSegments(route, StringComparison.OrdinalIgnoreCase));

    /// <summary>The caller is a browser: the answer is a page with a way back.</summary>
    private static Task WritePageAsync(HttpContext http, ServiceException exception)
    {
        RefusalMeter.Count(http, exception.Code);
        ErrorRow row = ErrorTable.Get(exception.Code);
        var view = new ErrorView(row.Status, row.Title, exception.Violations, TraceIds.Of(http));
        return Answer.Page<ErrorPage, ErrorView>(view, row.Status).ExecuteAsync(http);
    }

    /// <summary>Whether the route belongs to the scoring protocol. Routes ignore case.</summary>
    public static bool IsScoring(HttpContext http) => http.Request.Path.StartsWithSegments("/v2", StringComparison.OrdinalIgnoreCase);
}
