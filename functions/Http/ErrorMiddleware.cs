using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Logging;
using Modeldrop.Errors;
using Modeldrop.Storage;

namespace Modeldrop.Functions.Http;

/// <summary>
/// Writes the error answers of HTTP functions that throw: problem+json for the management routes, <c>{"error"}</c> for the scoring
/// protocol. Any exception other than <see cref="ServiceException"/> is a bug: it gets a fixed text and a trace id, never the caller's 400.
/// </summary>
internal sealed partial class ErrorMiddleware(ILogger<ErrorMiddleware> logger) : IFunctionsWorkerMiddleware
{
    // Orchestrations are replayed through this method: nothing may be awaited before next(), so they are passed on unchanged.
    public Task Invoke(FunctionContext context, FunctionExecutionDelegate next) =>
        context.GetHttpContext() is { } http ? InvokeHttpAsync(context, http, next) : next(context);

    private async Task InvokeHttpAsync(FunctionContext context, HttpContext http, FunctionExecutionDelegate next)
    {
        // A scoring request uses the store only to load a version, and loading has a limit of its own.
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
            // The caller has disconnected, or the host has stopped waiting; either may be detected first, and clients of the platform throw
            // exceptions of their own for it. If somebody reads the answer nevertheless, it must not look like a success.
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

    /// <summary>The server throws this exception while the body is read: it is too large, or it ends early.</summary>
    private static ServiceException Translate(BadHttpRequestException exception) =>
        exception.StatusCode == StatusCodes.Status413PayloadTooLarge
            ? new ServiceException(
                ErrorCode.PayloadTooLarge, "The body exceeds the limit for requests (100 MiB). Put larger models into the drop container.",
                exception)
            : new ServiceException(ErrorCode.InvalidRequest, $"The request could not be read: {exception.Message}", exception);

    private static partial class Log
    {
        [LoggerMessage(100, LogLevel.Error, "{Function} failed with status {Status}")]
        public static partial void Failed(ILogger logger, Exception exception, string function, int status);

        [LoggerMessage(101, LogLevel.Error, "{Function} threw an unexpected exception, trace {Trace}")]
        public static partial void Bug(ILogger logger, Exception exception, string function, string trace);
    }
}
