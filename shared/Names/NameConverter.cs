using System.Text.Json;
using System.Text.Json.Serialization;

namespace Modeldrop.Names;

/// <summary>Stores a name as its text.</summary>
/// <param name="find">Returns the name, or null if the text is not one.</param>
internal abstract class NameConverter<T>(Func<string?, T?> find) : JsonConverter<T>
    where T : struct
{
    /// <exception cref="JsonException">The text is not such a name.</exception>
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        find(reader.GetString()) ?? throw new JsonException($"This is not a {typeof(T).Name}.");

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());

    public override T ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Read(ref reader, typeToConvert, options);

    public override void WriteAsPropertyName(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        writer.WritePropertyName(value.ToString()!);
}
