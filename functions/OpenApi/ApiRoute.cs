using System.Reflection;
using System.Text.RegularExpressions;
using Modeldrop.Access;
using Modeldrop.Functions.Access;
using Modeldrop.Functions.Http;

namespace Modeldrop.Functions.OpenApi;

/// <summary>A route of the app, read from the attributes of its function.</summary>
/// <param name="Id">The function's name; with the verb where it takes several.</param>
/// <param name="Verb">In small letters; never <c>head</c>, which is taken wherever <c>get</c> is.</param>
/// <param name="Path">As OpenAPI writes it: <c>/api/models/{model}</c>.</param>
/// <param name="Numbers">The parameters of the path that are whole numbers.</param>
internal sealed partial record ApiRoute(
    string Function, string Id, string Room, string Verb, string Path, IReadOnlyList<string> Parameters, IReadOnlySet<string> Numbers,
    Permissions? Needs, IReadOnlyList<TakesAttribute> Takes, IReadOnlyList<AnswersAttribute> Answers)
{
    /// <summary>Of MLflow's tracking and registry protocol, which has its own documents and its own form of errors.</summary>
    public bool IsTracking => Path.StartsWith("/api/2.0/", StringComparison.Ordinal)
        || Path.StartsWith("/api/3.0/", StringComparison.Ordinal);

    /// <summary>All, by path.</summary>
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

    /// <summary>What two routes have in common that differ in the names of parameters alone.</summary>
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

    // A parameter that must be empty: nothing that anybody writes.
    [GeneratedRegex(@"\{\w+:maxlength\(0\)\?\}")]
    private static partial Regex Empty();
}
