using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Modeldrop.Standalone.Hosting;
using Modeldrop.Standalone.Invocation;

namespace Modeldrop.Standalone.Http;

/// <summary>Maps the HTTP functions as ASP.NET Core endpoints, without a prefix (as in host.json).</summary>
internal static class HttpFunctions
{
    private const string ScoringRoom = ".Scoring";

    /// <param name="roles">Roles of this process: routes of other roles are not mapped.</param>
    public static void Map(IEndpointRouteBuilder routes, IReadOnlyList<StandaloneFunction> functions, HostRoles roles)
    {
        var runner = routes.ServiceProvider.GetRequiredService<FunctionRunner>();
        ILogger logger = routes.ServiceProvider.GetRequiredService<ILoggerFactory>().CreateLogger<HttpEndpoint>();
        foreach (StandaloneFunction function in functions)
        {
            if (function.Trigger is HttpTriggerAttribute trigger && (RoleOf(function, trigger) & roles) != 0)
            {
                string route = trigger.Route ?? function.Name;
                var endpoint = new HttpEndpoint(function, runner.Pipeline(function), logger);
                IEnumerable<string> methods = (trigger.Methods ?? []).Select(method => method.ToUpperInvariant());
                routes.MapMethods($"/{route}", methods, endpoint.HandleAsync).WithDisplayName(function.Name);
            }
        }
    }

    /// <summary>Returns the role of a function. Probes and counters belong to every process.</summary>
    private static HostRoles RoleOf(StandaloneFunction function, HttpTriggerAttribute trigger) =>
        trigger.Route is "metrics" || trigger.Route?.StartsWith("v2/health/", StringComparison.Ordinal) == true ? HostRoles.All
        : function.Method.DeclaringType!.Namespace!.EndsWith(ScoringRoom, StringComparison.Ordinal) ? HostRoles.Scoring
        : HostRoles.Management;
}
