using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.Logging;

namespace Modeldrop.LocalHost.Http;

/// <summary>Answers the requests of one HTTP function.</summary>
internal sealed partial class HttpEndpoint(
    LocalFunction function,
    RoutePattern pattern,
    FunctionExecutionDelegate pipeline,
    HttpKeys keys,
    ILogger logger)
{
    private static readonly RouteValues NoRouteValues = new([], []);

    private readonly AuthorizationLevel _level = ((HttpTriggerAttribute)function.Trigger).AuthLevel;
    private readonly string[] _routeParameters = [.. pattern.Parameters.Select(parameter => parameter.Name)];
    private readonly Dictionary<string, TryParseRouteValue> _parsers = Parsers(function, pattern);

    public async Task HandleAsync(HttpContext http)
    {
        if (!keys.Opens(http.Request, _level))
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        if (ParseRouteValues(http.Request.RouteValues) is not { } routeValues)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var context = new LocalFunctionContext(function.Definition, http.RequestServices, http, routeValues, http.RequestAborted);
        try
        {
            await pipeline(context);
            await WriteResultAsync(http, context.InvocationResult.Value);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone: there is nobody to answer.
        }
        catch (Exception exception)
        {
            OnException(http, exception);
        }
    }

    private static Dictionary<string, TryParseRouteValue> Parsers(LocalFunction function, RoutePattern pattern)
    {
        Dictionary<string, TryParseRouteValue> parsers = new(StringComparer.OrdinalIgnoreCase);
        foreach (ParameterInfo parameter in function.Method.GetParameters())
        {
            if (parameter.GetCustomAttribute<BindingAttribute>() is null
                && pattern.GetParameter(parameter.Name!) is not null
                && RouteValueParser.Find(parameter.ParameterType) is { } parser)
            {
                parsers.Add(parameter.Name!, parser);
            }
        }

        return parsers;
    }

    private RouteValues? ParseRouteValues(RouteValueDictionary raw)
    {
        if (_routeParameters.Length == 0)
        {
            return NoRouteValues;
        }

        var values = new object?[_routeParameters.Length];
        for (int index = 0; index < values.Length; index++)
        {
            string name = _routeParameters[index];
            object? value = raw[name];
            if (value is string text && _parsers.TryGetValue(name, out TryParseRouteValue? parse) && !parse(text, out value))
            {
                return null;
            }

            values[index] = value;
        }

        return new RouteValues(_routeParameters, values);
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
                // The real worker answers 200 without a body here; nobody means that.
                throw new InvalidOperationException(
                    $"Function '{function.Name}' returned {result.GetType().Name}; an HTTP function returns IActionResult, IResult, or nothing after it wrote the response.");
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
        if (exception is BadHttpRequestException bad)
        {
            // The body is too large or its transfer was broken: the caller's, not ours.
            http.Response.StatusCode = bad.StatusCode;
            return;
        }

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
