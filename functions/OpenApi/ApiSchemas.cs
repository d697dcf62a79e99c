using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Modeldrop.Names;
using Modeldrop.Storage;
using Modeldrop.Tracking.Protocol;

namespace Modeldrop.Functions.OpenApi;

/// <summary>
/// JSON Schemas of C# types as <see cref="StoredJson"/> writes them, or <see cref="TrackingJson"/>: a type with members becomes one
/// component.
/// </summary>
internal sealed class ApiSchemas
{
    // Converters write these as strings, which the exporter cannot know.
    private static readonly HashSet<Type> Texts =
        [typeof(ModelName), typeof(AliasName), typeof(DatasetName), typeof(PredictionId), typeof(OperationId)];

    /// <summary>The options that MLflow's routes write with. Only readers accept numbers as strings.</summary>
    private static readonly JsonSerializerOptions Tracking = new(TrackingJson.Options)
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private readonly Dictionary<Type, string> _names = [];

    /// <summary>The content of <c>components.schemas</c>.</summary>
    public SortedDictionary<string, JsonNode> Components { get; } = new(StringComparer.Ordinal);

    /// <summary>A reference for a type with members; otherwise the schema itself.</summary>
    /// <param name="isTracking">Whether a route of MLflow's protocol answers it.</param>
    public JsonNode Of(Type type, bool isTracking = false)
    {
        if (CallForm.Find(type) is not { } form)
        {
            return Of(type, isTracking ? Tracking : StoredJson.Options);
        }

        string name = NameOf(type);
        Components[name] = form.ToSchema();
        return ReferenceTo(name);
    }

    private JsonNode Of(Type type, JsonSerializerOptions options) => options.GetJsonSchemaAsNode(type, new JsonSchemaExporterOptions
    {
        TreatNullObliviousAsNonNullable = true,
        TransformSchemaNode = Transform,
    });

    private JsonNode Transform(JsonSchemaExporterContext context, JsonNode schema)
    {
        Type type = Nullable.GetUnderlyingType(context.TypeInfo.Type) ?? context.TypeInfo.Type;
        if (Texts.Contains(type))
        {
            return new JsonObject
            {
                ["type"] = type == context.TypeInfo.Type ? JsonValue.Create("string") : new JsonArray("string", "null"),
            };
        }

        // Any value: some OpenAPI tools do not support the schema "true".
        if (schema is not JsonObject)
        {
            return new JsonObject();
        }

        // The exporter's reference points into a document that no longer exists.
        if (schema is JsonObject pointer && pointer.ContainsKey("$ref") && context.TypeInfo.ElementType is { } element)
        {
            JsonNode one = ReferenceTo(element, context.TypeInfo.Options);
            return context.TypeInfo.Kind == JsonTypeInfoKind.Dictionary
                ? new JsonObject { ["type"] = new JsonArray("object", "null"), ["additionalProperties"] = one }
                : new JsonObject { ["type"] = new JsonArray("array", "null"), ["items"] = one };
        }

        // The exporter loses that a number may be null when NaN is allowed by name.
        if (type != context.TypeInfo.Type && schema is JsonObject number && number["anyOf"] is JsonArray choices && !MayBeNull(number))
        {
            choices.Add(new JsonObject { ["type"] = "null" });
        }

        if (schema is not JsonObject members || !HasMembers(context, type))
        {
            return schema;
        }

        // The members of a derived type belong to the schema of its base.
        if (context.BaseTypeInfo is not null)
        {
            KeepRequired(members);
            return schema;
        }

        bool isNullable = members["type"] is JsonArray types && types.Any(one => one!.GetValue<string>() == "null");
        string name = NameOf(type);
        if (!members.ContainsKey("$ref"))
        {
            members = (JsonObject)members.DeepClone();
            if (isNullable)
            {
                members["type"] = "object";
            }

            KeepRequired(members);
            Components[name] = members;
        }

        JsonObject reference = ReferenceTo(name);
        return isNullable ? new JsonObject { ["anyOf"] = new JsonArray(reference, new JsonObject { ["type"] = "null" }) } : reference;
    }

    /// <summary>A nullable member is left out when it is null, so it must not be required.</summary>
    private static void KeepRequired(JsonObject members)
    {
        if (members["required"] is JsonArray required && members["properties"] is JsonObject properties)
        {
            members["required"] = new JsonArray([.. required.Select(name => name!.GetValue<string>())
                .Where(name => properties[name] is JsonObject property && !MayBeNull(property))
                .Select(name => JsonValue.Create(name))]);
        }
    }

    private static bool MayBeNull(JsonObject schema) => schema.Count == 0
        || (schema["type"] is JsonValue only && only.GetValue<string>() == "null")
        || (schema["type"] is JsonArray types && types.Any(one => one!.GetValue<string>() == "null"))
        || (schema["enum"] is JsonArray values && values.Any(value => value is null))
        || (schema["anyOf"] is JsonArray choices && choices.OfType<JsonObject>().Any(MayBeNull));

    /// <summary>Does not descend into a type with members, because it may contain the type that is being written.</summary>
    private JsonNode ReferenceTo(Type type, JsonSerializerOptions options) =>
        !Texts.Contains(type) && options.GetTypeInfo(type).Kind == JsonTypeInfoKind.Object
            ? ReferenceTo(NameOf(type))
            : Of(type, options);

    private static JsonObject ReferenceTo(string name) => new() { ["$ref"] = $"#/components/schemas/{name}" };

    private static bool HasMembers(JsonSchemaExporterContext context, Type type) =>
        context.TypeInfo.Kind == JsonTypeInfoKind.Object
            || (context.TypeInfo.Kind == JsonTypeInfoKind.None
                && type.IsValueType && context.TypeInfo.Options.GetTypeInfo(type).Kind == JsonTypeInfoKind.Object);

    private string NameOf(Type type)
    {
        if (!_names.TryGetValue(type, out string? name))
        {
            name = type.Name;
            for (Type? outer = type.DeclaringType; _names.ContainsValue(name); outer = outer?.DeclaringType)
            {
                name = (outer?.Name ?? type.Namespace!.Split('.')[^1]) + name;
            }

            _names[type] = name;
        }

        return name;
    }
}
