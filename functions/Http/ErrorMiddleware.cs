using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Logging;
using Modeldrop.Errors;
using Modeldrop.Storage;

namespace Modeldrop.Functions.Http;

/// <summary>
/// Answers for HTTP functions that throw: problem+json for the management routes, <c>{"error"}</c> for the scoring protocol.
/// What is not a <see cref="ServiceException"/> is a bug: a fixed text and a trace id, never the caller's 400.
/// </summary>
internal sealed partial class ErrorMiddleware(ILogger<ErrorMiddleware> logger) : IFunctionsWorkerMiddleware
{
    // Orchestrations are replayed through here: nothing may be awaited before next(), so they are handed on as they are.
    public Task Invoke(FunctionContext context, FunctionExecutionDelegate next) =>
        context.GetHttpContext() is { } http ? InvokeHttpAsync(context, http, next) : next(context);

    private async Task InvokeHttpAsync(FunctionContext context, HttpContext http, FunctionExecutionDelegate next)
    {
        // A request for scores asks the store for nothing but a version that is not loaded, and the load has a limit of its own.
        if (!ErrorAnswer.IsScoring(http))
        {
            StorePatience.Limit();
        }

        try
        {
            await next(context);
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested || context.CancellationToken.IsCancellationRequested)
        {
            // The caller has gone, or the host waits no longer; either may be known first. Clients of the platform throw exceptions of
            // their own for it. Should somebody read the answer after all, it must not look like a success.
            if (!http.Response.HasStarted)
            {
                http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            }
        }
        catch (Exception thrown) when (!http.Response.HasStarted && ServiceException.Find(thrown) is { } exception)
        {
            if (ErrorTable.Get(exception.Code) is { Fault: not Fault.Caller } row)
            {
                Log.Failed(logger, exception, context.FunctionDefinition.Name, row.Status);
            }

            await ErrorAnswer.WriteAsync(http, exception);
        }
        catch (BadHttpRequestException exception) when (!http.Response.HasStarted)
        {
            await ErrorAnswer.WriteAsync(http, Translate(exception));
        }
        catch (Exception exception) when (!http.Response.HasStarted)
        {
            Log.Bug(logger, exception, context.FunctionDefinition.Name, TraceIds.Of(http));
            await ErrorAnswer.WriteBugAsync(http, exception);
        }
    }

    /// <summary>The server throws this when it is read: a body that is too large, or that stops before its end.</summary>
    private static ServiceException Translate(BadHttpRequestException exception) =>
        exception.StatusCode == StatusCodes.Status413PayloadTooLarge
            ? new ServiceException(
                ErrorCode.PayloadTooLarge, "The body is larger than a request may be (100 MiB). Larger models go into the drop container.",
                exception)
            : new ServiceException(ErrorCode.InvalidRequest, $"The request could not be read: {exception.Message}", exception);

    private static partial class Log
    {
        [LoggerMessage(100, LogLevel.Error, "{Function} failed with status {Status}")]
        public static partial void Failed(ILogger logger, Exception exception, string function, int status);

        [LoggerMessage(101, LogLevel.Error, "{Function} threw what it should not, trace {Trace}")]
        public static partial void Bug(ILogger logger, Exception exception, string function, string trace);
    }
}
