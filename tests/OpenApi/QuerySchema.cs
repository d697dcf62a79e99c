using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Primitives;

namespace Modeldrop.Tests.OpenApi;

/// <summary>The query of a request as one object, with the schema that an operation's parameters give it.</summary>
internal static class QuerySchema
{
    /// <returns>No schema if the operation has no query parameters.</returns>
    public static (JsonNode? Schema, JsonElement Value) Of(JsonObject operation, IReadOnlyDictionary<string, StringValues> query)
    {
        JsonObject[] parameters = [.. (operation["parameters"]?.AsArray() ?? []).Select(one => one!.AsObject())
            .Where(one => one["in"]!.GetValue<string>() == "query")];
        if (parameters.Length == 0)
        {
            return (null, default);
        }

        var types = parameters.ToDictionary(
            one => one["name"]!.GetValue<string>(), one => one["schema"]!["type"]?.GetValue<string>(), StringComparer.Ordinal);
        var schema = new JsonObject
        {
            ["type"] = "object",
            ["additionalProperties"] = false,
            ["required"] = new JsonArray([.. parameters.Where(one => one["required"]?.GetValue<bool>() == true)
                .Select(one => one["name"]!.DeepClone())]),
            ["properties"] = new JsonObject(parameters.Select(
                one => KeyValuePair.Create(one["name"]!.GetValue<string>(), (JsonNode?)one["schema"]!.DeepClone()))),
        };
        var value = new JsonObject(query.Select(field => KeyValuePair.Create<string, JsonNode?>(
            field.Key, types.GetValueOrDefault(field.Key) switch
            {
                "array" => new JsonArray([.. field.Value.Select(one => JsonValue.Create(one))]),
                "integer" or "boolean" => JsonNode.Parse(field.Value.ToString()),
                _ => field.Value.ToString(),
            })));
        return (schema, JsonElement.Parse(value.ToJsonString()));
    }
}
