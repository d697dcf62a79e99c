using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Modeldrop.LocalHost.Durable.Replay;

namespace Modeldrop.LocalHost.Durable.Store;

/// <summary>How events are stored.</summary>
internal static class HistoryJson
{
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,

        // Payloads are JSON inside a JSON string, full of quotes: \" instead of \u0022. The text never reaches a browser.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter() },
    };

    public static byte[] Write(HistoryEvent happened) => JsonSerializer.SerializeToUtf8Bytes(happened, Options);

    public static HistoryEvent Read(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize<HistoryEvent>(json, Options)!;
}
