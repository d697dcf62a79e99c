using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;

namespace Modeldrop.Tracking.Protocol;

/// <summary>
/// The one place that writes errors in the form of MLflow's tracking and registry protocol: <c>{"error_code", "message"}</c>. A client
/// retries 429 and 5xx for minutes, so permanent errors have other statuses here.
/// </summary>
public static class TrackingErrors
{
    public static Task WriteAsync(HttpContext http, ServiceException exception)
    {
        RefusalMeter.Count(http, exception.Code);
        (string code, int status) = Of(exception.Code);
        if (status == StatusCodes.Status503ServiceUnavailable)
        {
            http.Response.Headers.RetryAfter = "2";
        }

        return WriteAsync(http, status, code, string.Join(" ", exception.Violations));
    }

    /// <summary>500 with a fixed text.</summary>
    public static Task WriteBugAsync(HttpContext http)
    {
        RefusalMeter.Count(http, code: null);
        return WriteAsync(
            http, StatusCodes.Status500InternalServerError, "INTERNAL_ERROR",
            $"An unexpected error; find it in the log by trace id {TraceIds.Of(http)}.");
    }

    /// <summary>MLflow's code and the status for one of our error codes.</summary>
    public static (string Code, int Status) Of(ErrorCode code) => code switch
    {
        // The client ignores the error for an existing model only if the code has exactly this name.
        ErrorCode.AlreadyExists => ("RESOURCE_ALREADY_EXISTS", StatusCodes.Status400BadRequest),
        ErrorCode.InvalidRequest or ErrorCode.InvalidTensor or ErrorCode.VersionNotReady or ErrorCode.OperationNotPending =>
            ("INVALID_PARAMETER_VALUE", StatusCodes.Status400BadRequest),
        ErrorCode.RouteNotFound => ("ENDPOINT_NOT_FOUND", StatusCodes.Status404NotFound),
        ErrorCode.Unauthorized => ("UNAUTHENTICATED", StatusCodes.Status401Unauthorized),
        ErrorCode.Forbidden => ("PERMISSION_DENIED", StatusCodes.Status403Forbidden),
        ErrorCode.TooManyAttempts => ("REQUEST_LIMIT_EXCEEDED", StatusCodes.Status429TooManyRequests),
        ErrorCode.RegistryConflict or ErrorCode.AliasConflict => ("RESOURCE_CONFLICT", StatusCodes.Status409Conflict),
        ErrorCode.NotOffered => ("NOT_IMPLEMENTED", StatusCodes.Status501NotImplemented),
        _ => ErrorTable.Get(code).Status switch
        {
            StatusCodes.Status404NotFound => ("RESOURCE_DOES_NOT_EXIST", StatusCodes.Status404NotFound),
            StatusCodes.Status503ServiceUnavailable => ("TEMPORARILY_UNAVAILABLE", StatusCodes.Status503ServiceUnavailable),
            >= 500 and var status => ("INTERNAL_ERROR", status),
            var status => ("BAD_REQUEST", status),
        },
    };

    private static async Task WriteAsync(HttpContext http, int status, string code, string message)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(
            http.Response.Body, new Dictionary<string, string> { ["error_code"] = code, ["message"] = message }, TrackingJson.Options,
            http.RequestAborted);
    }
}
