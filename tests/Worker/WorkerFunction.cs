using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Template;
using Modeldrop.Tests.Worker.Protocol;

namespace Modeldrop.Tests.Worker;

/// <summary>A function as the worker describes it to its host.</summary>
internal sealed class WorkerFunction
{
    private static readonly RouteValueDictionary NoDefaults = [];

    private readonly JsonElement[] _bindings;
    private readonly RouteTemplate? _route;

    public WorkerFunction(RpcFunctionMetadata metadata)
    {
        Id = metadata.FunctionId;
        Name = metadata.Name;
        _bindings = [.. metadata.RawBindings.Select(binding => JsonElement.Parse(binding))];
        Trigger = Names(type => type.EndsWith("Trigger", StringComparison.Ordinal)).Single();
        _route = Trigger.Type == "httpTrigger" ? TemplateParser.Parse(Binding(Trigger.Name).GetProperty("route").GetString()!) : null;
    }

    public string Id { get; }

    public string Name { get; }

    public (string Name, string Type) Trigger { get; }

    /// <summary>The parameters that receive a durable client.</summary>
    public IEnumerable<string> DurableClients => Names(type => type == "durableClient").Select(binding => binding.Name);

    /// <summary>Among routes that match, the one of lower precedence value wins, as in the host.</summary>
    public decimal Precedence => _route is null ? decimal.MaxValue : RoutePrecedence.ComputeInbound(_route);

    /// <summary>Whether the host would send a request here.</summary>
    public bool TryMatch(HttpMethod method, PathString path, [NotNullWhen(true)] out RouteValueDictionary? values)
    {
        values = [];
        return _route is not null
            && Binding(Trigger.Name).GetProperty("methods").EnumerateArray().Any(allowed => method == HttpMethod.Parse(allowed.GetString()))
            && new TemplateMatcher(_route, NoDefaults).TryMatch(path, values);
    }

    private JsonElement Binding(string name) => _bindings.Single(binding => binding.GetProperty("name").GetString() == name);

    private IEnumerable<(string Name, string Type)> Names(Func<string, bool> isType) =>
        from binding in _bindings
        let type = binding.GetProperty("type").GetString()!
        where isType(type)
        select (binding.GetProperty("name").GetString()!, type);
}
