using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Http;
using Modeldrop.Standalone.Invocation;

namespace Modeldrop.Standalone.Http;

/// <summary>HTTP functions: the parameters are the request, and the route's values by name.</summary>
internal sealed class HttpTriggerKind : TriggerKind
{
    public override Type Attribute => typeof(HttpTriggerAttribute);

    public override string BindingType => "httpTrigger";

    public override ArgumentBinder? BindTrigger(ParameterInfo parameter) =>
        parameter.ParameterType == typeof(HttpRequest)
            ? context => ValueTask.FromResult<object?>(((HttpContext)context.Trigger).Request)
            : null;

    /// <summary>Binds a text unchanged, or a number with the route's constraint <c>:int</c>, which accepts nothing else.</summary>
    public override ArgumentBinder? BindOther(ParameterInfo parameter)
    {
        string name = parameter.Name!;
        return parameter.ParameterType == typeof(string) ? context => ValueTask.FromResult(Value(context, name))
            : parameter.ParameterType == typeof(int) ? context => ValueTask.FromResult<object?>(Number(context, name))
            : null;
    }

    private static int Number(StandaloneContext context, string name) =>
        int.Parse((string)Value(context, name)!, CultureInfo.InvariantCulture);

    private static object? Value(StandaloneContext context, string name) => ((HttpContext)context.Trigger).Request.RouteValues[name];
}
