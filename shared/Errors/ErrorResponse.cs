using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Modeldrop.Errors;

/// <summary>The one place that writes problem+json. The scoring protocols have error formats of their own (<c>shared/Wire</c>).</summary>
public static class ErrorResponse
{
    private const int MaxInstanceBytes = 900;

    private const string BugDetail = "An unexpected error; find it in the log by this trace id.";

    /// <summary>How long a caller should wait before it repeats a retryable request.</summary>
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    // People read these errors in a terminal, so quotes and letters of any script are not escaped. They are never part of a page.
    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Task WriteAsync(HttpContext http, ServiceException exception)
    {
        RefusalMeter.Count(http, exception.Code);
        ErrorRow row = ErrorTable.Get(exception.Code);
        if (row is { Retryable: true, Status: StatusCodes.Status503ServiceUnavailable })
        {
            http.Response.Headers.RetryAfter = RetryAfter.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        }

        return WriteAsync(http, row.Status, Code(exception.Code), row.Title, exception.Violations);
    }

    /// <summary>Writes 500 with a fixed text: no exception message or stack trace leaves the process.</summary>
    public static Task WriteBugAsync(HttpContext http)
    {
        RefusalMeter.Count(http, code: null);
        return WriteAsync(http, StatusCodes.Status500InternalServerError, "internal", "Unexpected error", [BugDetail]);
    }

    private static async Task WriteAsync(HttpContext http, int status, string code, string title, IReadOnlyList<string> violations)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/problem+json";
        await using (var json = new Utf8JsonWriter(http.Response.BodyWriter, Json))
        {
            json.WriteStartObject();
            WriteProblem(json, http, status, code, title, violations);
            json.WriteEndObject();
        }

        await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
    }

    private static void WriteProblem(
        Utf8JsonWriter json, HttpContext http, int status, string code, string title, IReadOnlyList<string> violations)
    {
        json.WriteString("type", "about:blank");
        json.WriteString("title", title);
        json.WriteNumber("status", status);
        json.WriteString("detail", string.Join(" ", violations));
        json.WriteString("instance", ErrorText.Shortened($"{http.Request.Path}", MaxInstanceBytes));
        json.WriteString("code", code);
        json.WriteString("traceId", TraceIds.Of(http));
        if (violations.Count > 1)
        {
            json.WriteStartArray("errors");
            foreach (string violation in violations)
            {
                json.WriteStartObject();
                json.WriteString("detail", violation);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }
    }

    private static string Code(ErrorCode code) => JsonNamingPolicy.CamelCase.ConvertName(code.ToString());
}
