using System.Reflection;
using System.Text.RegularExpressions;
using Modeldrop.Access;
using Modeldrop.Functions.Access;
using Modeldrop.Functions.Http;
using Modeldrop.Tracking.Protocol;

namespace Modeldrop.Functions.OpenApi;

/// <summary>A route of the app, read from the attributes of its function.</summary>
/// <param name="Id">The function's name, with the verb if it accepts several.</param>
/// <param name="Verb">Lower case; never <c>head</c>, which every route with <c>get</c> accepts.</param>
/// <param name="Path">In OpenAPI's form: <c>/api/models/{model}</c>.</param>
/// <param name="Numbers">The path parameters that are integers.</param>
internal sealed partial record ApiRoute(
    string Function, string Id, string Room, string Verb, string Path, IReadOnlyList<string> Parameters, IReadOnlySet<string> Numbers,
    Permissions? Needs, IReadOnlyList<TakesAttribute> Takes, IReadOnlyList<AnswersAttribute> Answers)
{
    /// <summary>
    /// Whether the route belongs to MLflow's tracking and registry protocol, which has its own documents and form of errors.
    /// </summary>
    public bool IsTracking => Path.StartsWith("/api/2.0/", StringComparison.Ordinal)
        || Path.StartsWith("/api/3.0/", StringComparison.Ordinal);

    /// <summary>The calls of MLflow's protocol that the route reads, from the query or from the body.</summary>
    public IEnumerable<CallForm> Calls => Takes.Select(takes => takes.Type).OfType<Type>().Select(CallForm.Find).OfType<CallForm>();

    /// <summary>All routes, by path.</summary>
    public static IReadOnlyList<ApiRoute> ReadAll() =>
        [.. (from method in typeof(ApiRoute).Assembly.GetTypes().SelectMany(type => type.GetMethods())
             let function = method.GetCustomAttribute<FunctionAttribute>()
             let trigger = method.GetParameters()
                 .Select(parameter => parameter.GetCustomAttribute<HttpTriggerAttribute>()).FirstOrDefault(found => found is not null)
             where function is not null && trigger is not null
             from verb in trigger.Methods!
             where verb != "head"
             select Of(method, function.Name, verb, trigger.Methods!.Count(one => one != "head") > 1, trigger.Route ?? function.Name))
            .OrderBy(route => route.Path, StringComparer.Ordinal).ThenBy(route => route.Verb, StringComparer.Ordinal)];

    /// <summary>The path without the names of its parameters, to find routes that differ in these names only.</summary>
    public static string ShapeOf(string path) => Parameter().Replace(path, "{}");

    private static ApiRoute Of(MethodInfo method, string function, string verb, bool isOneOfSeveral, string route)
    {
        string written = $"/{Empty().Replace(route, "")}";
        Match[] parameters = [.. Parameter().Matches(written).Cast<Match>()];
        return new ApiRoute(
            function, isOneOfSeveral ? $"{function}{char.ToUpperInvariant(verb[0])}{verb[1..]}" : function,
            method.DeclaringType!.Namespace!.Split('.')[2], verb,
            Parameter().Replace(written, "{${name}}"),
            [.. parameters.Select(parameter => parameter.Groups["name"].Value)],
            parameters.Where(parameter => parameter.Groups["kind"].Value == ":int")
                .Select(parameter => parameter.Groups["name"].Value).ToHashSet(StringComparer.Ordinal),
            RoutePermissions.Find(function),
            [.. method.GetCustomAttributes<TakesAttribute>()],
            [.. method.GetCustomAttributes<AnswersAttribute>()]);
    }

    [GeneratedRegex(@"\{\*?(?<name>\w+)(?<kind>[^}]*)\}")]
    private static partial Regex Parameter();

    // A parameter that must be empty: no caller writes it.
    [GeneratedRegex(@"\{\w+:maxlength\(0\)\?\}")]
    private static partial Regex Empty();
}
