using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Modeldrop.Access;
using Modeldrop.Functions.Http;
using Modeldrop.Tracking.Protocol;

namespace Modeldrop.Functions.OpenApi;

/// <summary>
/// The description of the API, OpenAPI 3.1: paths and permissions come from the functions, schemas from the types that they read and write,
/// texts and examples from the documents. Built once.
/// </summary>
internal static partial class ApiDocument
{
    private const string Oip =
        "https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/open_inference_rest.yaml";

    private static readonly Lazy<(byte[] Json, string Hash)> Made = new(Make, LazyThreadSafetyMode.ExecutionAndPublication);

    private static readonly FrozenDictionary<string, string> Formats = new Dictionary<string, string>
    {
        ["from"] = "date-time", ["to"] = "date-time", ["at"] = "date-time", ["asOf"] = "date-time",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The document, in UTF-8.</summary>
    public static byte[] Json => Made.Value.Json;

    /// <summary>A hash of the content.</summary>
    public static string Hash => Made.Value.Hash;

    private static (byte[] Json, string Hash) Make()
    {
        var schemas = new ApiSchemas();
        FrozenDictionary<string, RouteText> texts = RouteTexts.ReadRoutes();
        IReadOnlyList<(string Verb, Regex Path, BodyExample Example)> examples = RouteTexts.ReadExamples();
        var paths = new JsonObject();
        IReadOnlyList<ApiRoute> routes = ApiRoute.ReadAll();
        foreach (ApiRoute route in routes)
        {
            JsonObject path = paths[route.Path]?.AsObject() ?? [];
            path[route.Verb] = Operation(route, texts, examples, schemas);
            paths[route.Path] = path;
        }

        var document = new JsonObject
        {
            ["openapi"] = "3.1.1",
            ["info"] = new JsonObject
            {
                ["title"] = "Modeldrop",
                ["version"] = typeof(ApiDocument).Assembly.GetName().Version!.ToString(3),
                ["description"] = "Drop a model into a blob container; get a validated, versioned, monitored HTTP endpoint. "
                    + "`HEAD` is accepted wherever `GET` is. Times are RFC 3339; absent members are left out.",
            },
            ["tags"] = new JsonArray([.. routes.Select(route => route.Room).Distinct().Order(StringComparer.Ordinal)
                .Select(room => new JsonObject { ["name"] = room })]),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = ApiErrors.AddTo(schemas.Components),
                ["responses"] = ApiErrors.Responses(),
                ["securitySchemes"] = new JsonObject
                {
                    ["apiKey"] = Header("x-api-key"),
                    ["functionsKey"] = Header("x-functions-key"),
                    ["bearer"] = new JsonObject
                    {
                        ["type"] = "http", ["scheme"] = "bearer", ["description"] = "A key of the app, or a token of Entra ID.",
                    },
                    ["basic"] = new JsonObject
                    {
                        ["type"] = "http", ["scheme"] = "basic", ["description"] = "The key is the password; the user name is ignored.",
                    },
                },
            },
        };
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(document);
        return (json, Convert.ToHexStringLower(SHA256.HashData(json))[..16]);
    }

    private static JsonObject Header(string name) => new() { ["type"] = "apiKey", ["in"] = "header", ["name"] = name };

    private static JsonObject Operation(
        ApiRoute route, FrozenDictionary<string, RouteText> texts,
        IReadOnlyList<(string Verb, Regex Path, BodyExample Example)> examples, ApiSchemas schemas)
    {
        string verb = route.Verb.ToUpperInvariant();
        RouteText? text = texts.GetValueOrDefault($"{verb} {ApiRoute.ShapeOf(route.Path)}");
        bool isOpen = route.Needs is null or Permissions.None;
        string needs = isOpen ? "Needs no key."
            : $"Needs the permission `{Words(route.Needs!.Value)}`.";
        var operation = new JsonObject
        {
            ["operationId"] = route.Id,
            ["tags"] = new JsonArray(route.Room),
            ["summary"] = Capital().Replace(route.Function, capital => $" {capital.Value.ToLowerInvariant()}"),
            ["description"] = text is null ? needs : $"{text.What}\n\n{needs}",
        };
        if (route.Path.StartsWith("/v2", StringComparison.Ordinal))
        {
            operation["externalDocs"] = new JsonObject { ["url"] = Oip, ["description"] = "Open Inference Protocol v2, its own OpenAPI" };
        }

        JsonNode[] parameters = [.. route.Parameters.Select(name => PathParameter(route, name)),
            .. (text?.Query ?? []).Select(QueryParameter), .. route.Verb == "get" ? route.Calls.SelectMany(CallParameters) : []];
        if (parameters.Length > 0)
        {
            operation["parameters"] = new JsonArray(parameters);
        }

        if (route.Takes.Count > 0 && route.Verb != "get")
        {
            operation["requestBody"] = Body(
                route, [.. examples.Where(one => one.Verb == verb && one.Path.IsMatch(route.Path)).Select(one => one.Example)], schemas);
        }

        operation["responses"] = Responses(route, schemas);
        operation["security"] = isOpen
            ? new JsonArray()
            : new JsonArray([.. ((string[])["apiKey", "functionsKey", "bearer", "basic"])
                .Select(scheme => new JsonObject { [scheme] = new JsonArray() })]);
        return operation;
    }

    private static string Words(Permissions needs) =>
        needs.ToString().ToLowerInvariant().Replace(", ", "` or `", StringComparison.Ordinal);

    private static JsonObject PathParameter(ApiRoute route, string name) => new()
    {
        ["name"] = name,
        ["in"] = "path",
        ["required"] = true,
        ["schema"] = new JsonObject { ["type"] = route.Numbers.Contains(name) ? "integer" : "string" },
    };

    private static JsonObject QueryParameter(string name)
    {
        var schema = new JsonObject { ["type"] = "string" };
        if (Formats.TryGetValue(name, out string? format))
        {
            schema["format"] = format;
        }

        return new JsonObject { ["name"] = name, ["in"] = "query", ["schema"] = schema };
    }

    /// <summary>The fields that a call of MLflow reads from the query.</summary>
    private static IEnumerable<JsonNode> CallParameters(CallForm form) => form.ToFields().Select(field => new JsonObject
    {
        ["name"] = field.Name, ["in"] = "query", ["required"] = form.Required.Contains(field.Name), ["schema"] = field.Schema,
    });

    private static JsonObject Body(ApiRoute route, IReadOnlyList<BodyExample> examples, ApiSchemas schemas)
    {
        var content = new JsonObject();
        foreach (TakesAttribute takes in route.Takes)
        {
            JsonObject media = takes.Type is { } type ? new JsonObject { ["schema"] = schemas.Of(type) } : [];
            JsonObject shown = [];
            foreach (BodyExample example in examples.Where(one => one.ContentType == takes.ContentType))
            {
                shown[$"{shown.Count + 1}"] = new JsonObject
                {
                    ["summary"] = example.What.Length > 0 ? example.What : route.Function,
                    ["value"] = takes.ContentType == "application/json" ? JsonNode.Parse(example.Text) : example.Text,
                };
            }

            if (shown.Count > 0)
            {
                media["examples"] = shown;
            }

            content[takes.ContentType] = media;
        }

        bool isOptional = route.Takes.Any(takes => takes.Optional) || route.Calls.Any(form => form.Required.Count == 0);
        return new JsonObject { ["required"] = !isOptional, ["content"] = content };
    }

    private static JsonObject Responses(ApiRoute route, ApiSchemas schemas)
    {
        var responses = new JsonObject();
        AnswersAttribute[] answers = route.Answers.Count > 0 ? [.. route.Answers] : [new AnswersAttribute(null) { ContentType = "*/*" }];
        foreach (IGrouping<int, AnswersAttribute> status in answers.GroupBy(answer => answer.Status))
        {
            var response = new JsonObject { ["description"] = ApiErrors.Words(status.Key) };
            if (status.Key != StatusCodes.Status204NoContent)
            {
                response["content"] = new JsonObject(status.GroupBy(answer => answer.ContentType).Select(media =>
                    KeyValuePair.Create<string, JsonNode?>(media.Key, Media([.. media.Select(answer => answer.Type).OfType<Type>()]))));
            }

            responses[$"{status.Key}"] = response;
        }

        foreach (int status in ApiErrors.StatusesOf(route))
        {
            responses[$"{status}"] = new JsonObject { ["$ref"] = $"#/components/responses/{ApiErrors.NameOf(route, status)}" };
        }

        return responses;

        JsonObject Media(Type[] types) => types.Length switch
        {
            0 => [],
            1 => new JsonObject { ["schema"] = schemas.Of(types[0], route.IsTracking) },
            _ => new JsonObject
            {
                ["schema"] = new JsonObject { ["anyOf"] = new JsonArray([.. types.Select(type => schemas.Of(type, route.IsTracking))]) },
            },
        };
    }

    [GeneratedRegex(@"(?<!^)\p{Lu}")]
    private static partial Regex Capital();
}
