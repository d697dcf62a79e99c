using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Modeldrop.LocalHost.Http;

/// <param name="prefix">The route prefix of host.json; empty for none.</param>
/// <param name="servesHttp">Whether the app called <c>ConfigureFunctionsWebApplication</c>.</param>
internal sealed class HttpTriggerKind(string prefix, bool servesHttp) : TriggerKind
{
    // The real host keeps these for itself, with or without a prefix, and refuses the function.
    private static readonly string[] ReservedRoutes = ["admin", "runtime"];

    private static readonly HashSet<string> Methods = new(StringComparer.OrdinalIgnoreCase)
    {
        "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE",
    };

    public override Type Attribute => typeof(HttpTriggerAttribute);

    public override string BindingType => "httpTrigger";

    /// <summary>The whole path of a function.</summary>
    /// <remarks>Throws <c>RoutePatternException</c> when the route is not one.</remarks>
    public RoutePattern Pattern(string name, HttpTriggerAttribute trigger)
    {
        string route = trigger.Route == "/" ? "" : string.IsNullOrEmpty(trigger.Route) ? name : trigger.Route;
        return RoutePatternFactory.Parse(prefix.Length == 0 ? $"/{route}" : $"/{prefix}/{route}");
    }

    public override ArgumentBinder? BindTrigger(FunctionMethod function) =>
        function.TriggerParameter.ParameterType == typeof(HttpRequest)
            ? context => ValueTask.FromResult<object?>(((HttpContext)context.Trigger).Request)
            : null;

    /// <summary>A route value. It was parsed before the run began, because one that does not parse is no run but a 404.</summary>
    public override ArgumentBinder? BindUnattributed(FunctionMethod function, ParameterInfo parameter)
    {
        string name = parameter.Name!;
        object? absent = parameter.HasDefaultValue ? parameter.DefaultValue : null;
        return RouteParameter(function, parameter) is null || RouteValueParser.Find(parameter.ParameterType) is null
            ? null
            : context => ValueTask.FromResult(context.BindingData.GetValueOrDefault(name) ?? absent);
    }

    public override void Validate(FunctionMethod function)
    {
        if (!servesHttp)
        {
            function.ReportError($"HTTP functions need builder.{nameof(FunctionsApplicationBuilderAspNetCoreExtensions.ConfigureFunctionsWebApplication)}().");
        }

        var trigger = (HttpTriggerAttribute)function.Trigger;
        foreach (string method in (trigger.Methods ?? []).Where(method => !Methods.Contains(method)))
        {
            function.ReportError($"'{method}' is no HTTP method.");
        }

        Type result = MethodInvoker.ResultType(function.Method);
        if (result != typeof(void) && result != typeof(object) && !result.IsAssignableTo(typeof(IActionResult)) && !result.IsAssignableTo(typeof(IResult)))
        {
            function.ReportError($"it returns {result.Name}; an HTTP function returns IActionResult, IResult, or nothing after it wrote the response.");
        }

        ValidateRoute(function, trigger);
    }

    private void ValidateRoute(FunctionMethod function, HttpTriggerAttribute trigger)
    {
        string route = trigger.Route ?? "";
        if (route == "/" && prefix.Length > 0)
        {
            function.ReportError("the route '/' needs an empty routePrefix in host.json.");
        }
        else if (route.Length > 1 && route[0] == '/')
        {
            function.ReportError($"the route '{route}' must not begin with '/'.");
        }

        if (Array.Exists(ReservedRoutes, reserved => route.StartsWith(reserved, StringComparison.OrdinalIgnoreCase)))
        {
            function.ReportError($"the route '{route}' begins with a word that the Functions host keeps for itself (admin, runtime).");
        }

        if (FindPattern(function) is not { } pattern)
        {
            function.ReportError($"the route '{route}' is not valid.");
            return;
        }

        ICollection<string> known = new RouteOptions().ConstraintMap.Keys;
        IEnumerable<string> constraints = pattern.ParameterPolicies.Values.SelectMany(policies => policies).Select(policy => policy.Content ?? "");
        foreach (string constraint in constraints.Where(constraint => !known.Contains(constraint.Split('(')[0], StringComparer.OrdinalIgnoreCase)))
        {
            function.ReportError($"the route constraint '{constraint}' is not known.");
        }

        foreach (ParameterInfo parameter in function.Method.GetParameters())
        {
            if (RouteParameter(function, parameter) is { IsOptional: true, Default: null }
                && !parameter.HasDefaultValue
                && !FunctionDiscovery.TakesNull(parameter))
            {
                function.ReportError($"the route value '{parameter.Name}' is optional, so its parameter must take null or have a default.");
            }
        }
    }

    private RoutePattern? FindPattern(FunctionMethod function)
    {
        try
        {
            return Pattern(function.Name, (HttpTriggerAttribute)function.Trigger);
        }
        catch (RoutePatternException)
        {
            return null;
        }
    }

    private RoutePatternParameterPart? RouteParameter(FunctionMethod function, ParameterInfo parameter) =>
        FindPattern(function)?.GetParameter(parameter.Name!);
}
