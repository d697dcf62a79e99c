using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Modeldrop.Storage;

/// <summary>How documents are stored and sent: camelCase, enums as camelCase strings, absent members left out.</summary>
public static class StoredJson
{
    public static JsonSerializerOptions Options { get; } = Create(indented: false);

    /// <summary>For documents that people open, such as <c>rejected.json</c>.</summary>
    public static JsonSerializerOptions Readable { get; } = Create(indented: true);

    private static JsonSerializerOptions Create(bool indented)
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            WriteIndented = indented,

            // People read these documents, so quotes and letters of any script are not escaped. They are never part of a page.
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        };
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase));
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
