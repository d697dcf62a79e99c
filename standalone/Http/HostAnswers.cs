using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Modeldrop.Errors;
using Modeldrop.Functions.Http;

namespace Modeldrop.Standalone.Http;

/// <summary>
/// Writes a body for requests that the host refuses before a function runs (no such route, another method). On Azure the platform answers
/// these, without a body.
/// </summary>
internal sealed class HostAnswers : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(AnswerAsync);
        next(app);
    };

    private static Task AnswerAsync(HttpContext http, RequestDelegate next)
    {
        Task handled = next(http);

        // The host refuses at once. A slower answer comes from a function, which writes its own body.
        return handled.IsCompletedSuccessfully
            && !http.Response.HasStarted
            && http.Response.ContentType is null
            && Find(http) is { } refusal
            ? ErrorAnswer.WriteAsync(http, refusal)
            : handled;
    }

    private static ServiceException? Find(HttpContext http) => http.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => new ServiceException(ErrorCode.RouteNotFound, $"There is no route {http.Request.Path}."),
        StatusCodes.Status405MethodNotAllowed => new ServiceException(ErrorCode.MethodNotAllowed,
            $"{http.Request.Path} does not accept {http.Request.Method}; it accepts {http.Response.Headers.Allow}."),
        _ => null,
    };
}
