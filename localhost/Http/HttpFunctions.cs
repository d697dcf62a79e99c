using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Modeldrop.LocalHost.Http;

/// <summary>The HTTP functions of the app as ASP.NET Core endpoints.</summary>
internal static class HttpFunctions
{
    private const string DefaultPrefix = "api";

    /// <summary><c>extensions.http.routePrefix</c> of the host.json in <paramref name="folder"/>.</summary>
    /// <exception cref="InvalidOperationException">host.json is not JSON.</exception>
    public static string ReadRoutePrefix(string folder)
    {
        string path = Path.Combine(folder, "host.json");
        if (!File.Exists(path))
        {
            return DefaultPrefix;
        }

        try
        {
            var options = new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
            using JsonDocument document = JsonDocument.Parse(File.ReadAllText(path), options);
            JsonElement element = document.RootElement;
            foreach (string name in (string[])["extensions", "http", "routePrefix"])
            {
                if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
                {
                    return DefaultPrefix;
                }
            }

            return element.GetString()?.Trim('/') ?? DefaultPrefix;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new InvalidOperationException($"'{path}' is not a valid host.json: {exception.Message}", exception);
        }
    }

    /// <summary>Reports functions that want the same requests.</summary>
    public static void ReportDuplicates(HttpTriggerKind kind, IEnumerable<LocalFunction> functions, FunctionDiscovery discovery)
    {
        List<(string Shape, HashSet<string> Methods, LocalFunction Function)> seen = [];
        foreach (LocalFunction function in functions)
        {
            var trigger = (HttpTriggerAttribute)function.Trigger;
            string shape = Shape(kind.Pattern(function.Name, trigger));
            HashSet<string> methods = new(trigger.Methods ?? [], StringComparer.OrdinalIgnoreCase);
            foreach ((_, _, LocalFunction other) in seen.Where(other =>
                other.Shape == shape && (methods.Count == 0 || other.Methods.Count == 0 || methods.Overlaps(other.Methods))))
            {
                discovery.Report(function, $"function '{other.Name}' answers the same route and method.");
            }

            seen.Add((shape, methods, function));
        }
    }

    public static void Map(IEndpointRouteBuilder routes, HttpTriggerKind kind, IEnumerable<LocalFunction> functions, FunctionRunner runner)
    {
        var keys = ActivatorUtilities.CreateInstance<HttpKeys>(routes.ServiceProvider);
        ILogger logger = routes.ServiceProvider.GetRequiredService<ILoggerFactory>().CreateLogger("Modeldrop.LocalHost.Http");
        foreach (LocalFunction function in functions)
        {
            var trigger = (HttpTriggerAttribute)function.Trigger;
            RoutePattern pattern = kind.Pattern(function.Name, trigger);
            var endpoint = new HttpEndpoint(function, pattern, runner.Pipeline(function), keys, logger);
            IEndpointConventionBuilder mapped = trigger.Methods is { Length: > 0 } methods
                ? routes.MapMethods(pattern.RawText!, methods.Select(method => method.ToUpperInvariant()), endpoint.HandleAsync)
                : routes.Map(pattern, endpoint.HandleAsync);
            mapped.WithDisplayName(function.Name);
        }
    }

    // Two routes with one shape match the same paths: the names of the parameters do not matter, their constraints do.
    private static string Shape(RoutePattern pattern) =>
        string.Join('/', pattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part => part switch
        {
            RoutePatternParameterPart parameter =>
                $"{{{(parameter.IsCatchAll ? "*" : "")}:{string.Join(':', parameter.ParameterPolicies.Select(policy => policy.Content))}{(parameter.IsOptional ? "?" : "")}}}",
            RoutePatternLiteralPart literal => literal.Content.ToUpperInvariant(),
            RoutePatternSeparatorPart separator => separator.Content,
            _ => "",
        }))));
}
