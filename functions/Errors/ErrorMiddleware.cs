using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Modeldrop.Errors;
using Modeldrop.Scoring;

namespace Modeldrop.Functions.Errors;

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
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone: nobody reads an answer.
        }
        catch (ServiceException exception) when (!http.Response.HasStarted)
        {
            if (ErrorTable.Get(exception.Code) is { Fault: not Fault.Caller } row)
            {
                Log.Failed(logger, exception, context.FunctionDefinition.Name, row.Status);
            }

            await (IsScoring(http) ? OipCodec.WriteErrorAsync(http, exception, http.RequestAborted) : ErrorResponse.WriteAsync(http, exception));
        }
        catch (Exception exception) when (!http.Response.HasStarted)
        {
            Log.Bug(logger, exception, context.FunctionDefinition.Name, http.TraceIdentifier);
            await (IsScoring(http) ? OipCodec.WriteErrorAsync(http, exception, http.RequestAborted) : ErrorResponse.WriteBugAsync(http));
        }
    }

    private static bool IsScoring(HttpContext http) => http.Request.Path.StartsWithSegments("/v2", StringComparison.Ordinal);

    private static partial class Log
    {
        [LoggerMessage(100, LogLevel.Error, "{Function} failed with status {Status}")]
        public static partial void Failed(ILogger logger, Exception exception, string function, int status);

        [LoggerMessage(101, LogLevel.Error, "{Function} threw what it should not, trace {Trace}")]
        public static partial void Bug(ILogger logger, Exception exception, string function, string trace);
    }
}
