using System.Reflection;
using System.Text.Json.Nodes;

namespace Modeldrop.Tracking.Protocol;

/// <summary>
/// The fields of a call as JSON Schemas: the fields that its <see cref="ITrackingCall{TSelf}.Read"/> reads. This is the protocol's own
/// form; the reader also accepts numbers as texts, and null for an absent field.
/// </summary>
public sealed class CallForm
{
    private const string NoEffect = "Has no effect here.";

    private readonly Dictionary<string, JsonObject> _fields = [];
    private readonly Dictionary<string, CallForm> _items = [];
    private readonly List<string> _required = [];

    private CallForm()
    {
    }

    /// <summary>Names of the fields that a call must have.</summary>
    public IReadOnlyList<string> Required => _required;

    public static CallForm Of<TCall>()
        where TCall : ITrackingCall<TCall>
    {
        var form = new CallForm();
        TCall.Read(CallFields.Describing(form));
        return form;
    }

    /// <summary>Null if the type is not a call.</summary>
    public static CallForm? Find(Type type) =>
        type.GetInterfaces().Any(one => one.IsGenericType && one.GetGenericTypeDefinition() == typeof(ITrackingCall<>))
            ? (CallForm)typeof(CallForm).GetMethod(nameof(Of), BindingFlags.Public | BindingFlags.Static)!
                .MakeGenericMethod(type).Invoke(obj: null, parameters: null)!
            : null;

    /// <summary>The schema of each field.</summary>
    public IEnumerable<(string Name, JsonObject Schema)> ToFields() => _fields.Select(field =>
    {
        var schema = (JsonObject)field.Value.DeepClone();
        if (_items.TryGetValue(field.Key, out CallForm? items))
        {
            schema["items"] = items.ToSchema();
        }

        return (field.Key, schema);
    });

    /// <summary>The schema of all fields as one object.</summary>
    public JsonObject ToSchema()
    {
        var schema = new JsonObject { ["type"] = "object" };
        if (_required.Count > 0)
        {
            schema["required"] = new JsonArray([.. _required.Select(name => JsonValue.Create(name))]);
        }

        // An object without properties may have any.
        if (_fields.Count > 0)
        {
            schema["properties"] = new JsonObject(
                ToFields().Select(field => KeyValuePair.Create<string, JsonNode?>(field.Name, field.Schema)));
        }

        return schema;
    }

    internal void AddText(string name, int maxChars) => Add(name, "string")["maxLength"] = maxChars;

    internal void AddChoice(string name, IReadOnlyList<string> words)
    {
        JsonObject field = Add(name, "string");
        field.Remove("maxLength");
        field["enum"] = new JsonArray([.. words.Select(word => JsonValue.Create(word))]);
    }

    internal void AddNumber(string name) => Add(name, "integer")["format"] = "int64";

    /// <param name="max">Larger values have the effect of this one.</param>
    internal void AddCount(string name, int byDefault, int max)
    {
        JsonObject field = Add(name, "integer");
        field["minimum"] = 1;
        field["default"] = byDefault;
        field["description"] = $"Larger values count as {max}.";
    }

    internal void AddReal(string name)
    {
        JsonObject field = Add(name, "number");
        field.Remove("type");
        field["anyOf"] = new JsonArray(
            new JsonObject { ["type"] = "number" }, new JsonObject { ["enum"] = new JsonArray("NaN", "Infinity", "-Infinity") });
    }

    internal void AddFlag(string name) => Add(name, "boolean");

    internal void AddTexts(string name) => Add(name, "array")["items"] = new JsonObject { ["type"] = "string" };

    /// <returns>The form of one item.</returns>
    internal CallForm AddObjects(string name, int max)
    {
        Add(name, "array")["maxItems"] = max;
        return _items[name] = new CallForm();
    }

    internal void AddUnused(string name) => _fields[name] = new JsonObject { ["description"] = NoEffect };

    internal void Require(string name)
    {
        if (!_required.Contains(name))
        {
            _required.Add(name);
        }

        // An empty text counts as missing.
        if (_fields[name].ContainsKey("maxLength"))
        {
            _fields[name]["minLength"] = 1;
        }
    }

    private JsonObject Add(string name, string type) => _fields[name] = new JsonObject { ["type"] = type };
}
