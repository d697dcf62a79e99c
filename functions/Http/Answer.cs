using Microsoft.AspNetCore.Http;
using Modeldrop.Names;
using Modeldrop.Pages;
using Modeldrop.Storage;

namespace Modeldrop.Functions.Http;

/// <summary>Work that continues as an operation.</summary>
/// <param name="Location">The address of the operation.</param>
internal sealed record StartedOperation(OperationId Operation, string Location);

/// <summary>Answers of the management routes, in the JSON of <see cref="StoredJson"/>.</summary>
internal static class Answer
{
    public static IResult Json<T>(T value, int status = StatusCodes.Status200OK) =>
        Results.Json(value, StoredJson.Options, statusCode: status);

    /// <summary>Renders a page for the caller.</summary>
    public static IResult Page<TPage, TModel>(TModel model, int status = StatusCodes.Status200OK) where TPage : PageOf<TModel> =>
        new PageResult<TPage, TModel>(model, status);

    /// <summary>Answers with a page that has already been rendered.</summary>
    public static IResult Page(string html, int status = StatusCodes.Status200OK) =>
        Results.Content(html, "text/html; charset=utf-8", statusCode: status);

    /// <summary>Answers 202: the work continues as an operation.</summary>
    public static IResult Accepted(HttpRequest request, OperationId operation)
    {
        string location = $"/api/operations/{Uri.EscapeDataString(operation.ToString())}";
        request.HttpContext.Response.Headers.Location = location;
        return Results.Json(new StartedOperation(operation, location), StoredJson.Options, statusCode: StatusCodes.Status202Accepted);
    }

    /// <summary>Renders the page when it is sent, because only then is its reader known.</summary>
    private sealed class PageResult<TPage, TModel>(TModel model, int status) : IResult where TPage : PageOf<TModel>
    {
        public Task ExecuteAsync(HttpContext httpContext) =>
            Results.Content(
                HtmlPage.Render<TPage, TModel>(model, Caller.ReaderOf(httpContext)), "text/html; charset=utf-8", statusCode: status)
            .ExecuteAsync(httpContext);
    }
}
