using Microsoft.AspNetCore.Http;
using Modeldrop.Storage;

namespace Modeldrop.Functions.Http;

/// <summary>Answers of the management routes, in the JSON of <see cref="StoredJson"/>.</summary>
internal static class Answer
{
    public static IResult Json<T>(T value, int status = StatusCodes.Status200OK) =>
        Results.Json(value, StoredJson.Options, statusCode: status);

    public static IResult Page(string html) => Results.Content(html, "text/html; charset=utf-8");

    /// <summary>202: the work goes on as an operation.</summary>
    public static IResult Accepted(HttpRequest request, string operation)
    {
        string location = $"/api/operations/{Uri.EscapeDataString(operation)}";
        request.HttpContext.Response.Headers.Location = location;
        return Results.Json(new { operation, location }, StoredJson.Options, statusCode: StatusCodes.Status202Accepted);
    }
}
