using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Modeldrop.LocalHost.Durable;

/// <summary>Payloads as JSON, with the options that the Functions worker uses.</summary>
internal sealed class JsonDataConverter(JsonSerializerOptions options) : DataConverter
{
    [return: NotNullIfNotNull(nameof(data))]
    public override object? Deserialize(string? data, Type targetType) => data is null ? null : JsonSerializer.Deserialize(data, targetType, options)!;

    [return: NotNullIfNotNull(nameof(value))]
    public override string? Serialize(object? value) => value is null ? null : JsonSerializer.Serialize(value, value.GetType(), options);
}
