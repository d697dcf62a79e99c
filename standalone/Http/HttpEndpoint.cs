using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Logging;
using Modeldrop.Standalone.Invocation;

namespace Modeldrop.Standalone.Http;

/// <summary>Handles the requests of one HTTP function.</summary>
internal sealed partial class HttpEndpoint(
    StandaloneFunction function, FunctionExecutionDelegate pipeline, ILogger logger)
{
    public async Task HandleAsync(HttpContext http)
    {
        var context = new StandaloneContext(function.Definition, http.RequestServices, http, http.Request.RouteValues, http.RequestAborted);
        try
        {
            await pipeline(context);
            await WriteResultAsync(http, context.Result);
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            // The caller has disconnected, so there is nobody to answer.
        }
        catch (Exception exception)
        {
            OnException(http, exception);
        }
    }

    private async Task WriteResultAsync(HttpContext http, object? result)
    {
        switch (result)
        {
            case IActionResult action:
                await action.ExecuteResultAsync(new ActionContext(http, http.GetRouteData(), new ActionDescriptor()));
                break;
            case IResult typed:
                await typed.ExecuteAsync(http);
                break;
            case not null:
                // The worker would answer 200 without a body here, which no function can intend.
                throw new InvalidOperationException(
                    $"Function '{function.Name}' returned {result.GetType().Name}; an HTTP function returns IActionResult or IResult, "
                    + "or nothing after it wrote the response.");
        }
    }

    private void OnException(HttpContext http, Exception exception)
    {
        if (http.Response.HasStarted)
        {
            Log.Broken(logger, exception, function.Name);
            http.Abort();
            return;
        }

        http.Response.Clear();
        Log.Failed(logger, exception, function.Name);
        http.Response.StatusCode = StatusCodes.Status500InternalServerError;
    }

    private static partial class Log
    {
        [LoggerMessage(9000, LogLevel.Error, "Function {Function} failed; the caller got a 500 without a body.")]
        public static partial void Failed(ILogger logger, Exception exception, string function);

        [LoggerMessage(9001, LogLevel.Error, "Function {Function} failed in the middle of its response; the connection was closed.")]
        public static partial void Broken(ILogger logger, Exception exception, string function);
    }
}
