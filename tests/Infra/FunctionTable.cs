using System.Reflection;
using Modeldrop.Access;
using Modeldrop.Functions.Access;

namespace Modeldrop.Tests.Infra;

/// <summary>The functions of the app, read from their attributes.</summary>
internal static class FunctionTable
{
    private static readonly IReadOnlyList<MethodInfo> Methods = [.. Assembly.Load("Modeldrop.Functions").GetTypes()
        .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static))
        .Where(method => Find(method.CustomAttributes, "FunctionAttribute") is not null)];

    public static IEnumerable<string> Names => Methods.Select(Name);

    /// <summary>Paths of the blob triggers, by function.</summary>
    public static IEnumerable<(string Function, string Path)> BlobTriggers =>
        from method in Methods
        from parameter in method.GetParameters()
        let trigger = Find(parameter.CustomAttributes, "BlobTriggerAttribute")
        where trigger is not null
        select (Name(method), (string)trigger.ConstructorArguments[0].Value!);

    /// <summary>Every route as <c>GET /api/models/{}</c>: the names of parameters do not matter.</summary>
    public static IEnumerable<string> Routes => HttpFunctions.Select(TextOf);

    /// <summary>The routes that need no key.</summary>
    public static IEnumerable<string> OpenRoutes =>
        HttpFunctions.Where(function => RoutePermissions.Find(function.Name) == Permissions.None).Select(TextOf);

    /// <summary>Every HTTP function, once for each method: its name, the method and the route as declared.</summary>
    public static IEnumerable<(string Name, string Method, string Route)> HttpFunctions =>
        from method in Methods
        from parameter in method.GetParameters()
        let trigger = Find(parameter.CustomAttributes, "HttpTriggerAttribute")
        where trigger is not null
        from verb in Verbs(trigger)
        select (Name(method), verb.ToUpperInvariant(), Route(trigger) ?? Name(method));

    private static string TextOf((string Name, string Method, string Route) function) =>
        $"{function.Method} /{RouteText.Normalize(function.Route)}";

    private static string Name(MethodInfo method) =>
        (string)Find(method.CustomAttributes, "FunctionAttribute")!.ConstructorArguments[0].Value!;

    private static string? Route(CustomAttributeData trigger) =>
        trigger.NamedArguments.Where(argument => argument.MemberName == "Route").Select(argument => (string?)argument.TypedValue.Value)
            .FirstOrDefault();

    private static IEnumerable<string> Verbs(CustomAttributeData trigger) =>
        trigger.ConstructorArguments.Select(argument => argument.Value).OfType<IReadOnlyCollection<CustomAttributeTypedArgument>>()
            .SelectMany(verbs => verbs).Select(verb => (string)verb.Value!);

    private static CustomAttributeData? Find(IEnumerable<CustomAttributeData> attributes, string name) =>
        attributes.FirstOrDefault(attribute => attribute.AttributeType.Name == name);
}
