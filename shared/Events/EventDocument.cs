using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CloudNative.CloudEvents;
using CloudNative.CloudEvents.SystemTextJson;
using Modeldrop.Registry;
using Modeldrop.Storage;

namespace Modeldrop.Events;

/// <summary>An event of the registry as a CloudEvent 1.0 in JSON. The same event gives the same document each time.</summary>
internal static class EventDocument
{
    public const string ContentType = "application/cloudevents+json; charset=utf-8";

    private static readonly JsonEventFormatter Formatter = new(StoredJson.Options, default);

    // The official extension: sorts as a string, without gaps for each source.
    private static readonly CloudEventAttribute Sequence = CloudEventAttribute.CreateExtension("sequence", CloudEventAttributeType.String);

    // Our extension: the position among the events of all models, as GET /api/events?after= takes it.
    private static readonly CloudEventAttribute Cursor = CloudEventAttribute.CreateExtension("cursor", CloudEventAttributeType.String);

    /// <param name="source">See <see cref="Webhooks.WebhookOptions.Source"/>.</param>
    public static ReadOnlyMemory<byte> Encode(FeedEntry entry, string source) =>
        Formatter.EncodeStructuredModeMessage(ToCloudEvent(entry, source), out _);

    public static JsonElement ToJson(FeedEntry entry, string source) => Formatter.ConvertToJsonElement(ToCloudEvent(entry, source));

    private static CloudEvent ToCloudEvent(FeedEntry entry, string source)
    {
        string separator = source.StartsWith("urn:", StringComparison.OrdinalIgnoreCase) ? ":" : "/api/models/";
        RegistryEvent happened = entry.Event;
        JsonObject data = JsonSerializer.SerializeToNode(happened, StoredJson.Options)!.AsObject();
        data.Insert(0, "model", entry.Model.Value);
        var cloudEvent = new CloudEvent(CloudEventsSpecVersion.V1_0, [Sequence, Cursor])
        {
            Id = string.Create(CultureInfo.InvariantCulture, $"{entry.Model}/{happened.Sequence}"),
            Source = new Uri(source.TrimEnd('/') + separator + entry.Model),
            Type = EventType.Of(happened),
            Subject = SubjectOf(happened),
            Time = happened.At,
            DataContentType = "application/json",
            Data = data,
        };
        cloudEvent[Sequence] = happened.Sequence.ToString("D12", CultureInfo.InvariantCulture);
        cloudEvent[Cursor] = FeedCursor.Of(entry.Position);
        return cloudEvent;
    }

    private static string? SubjectOf(RegistryEvent happened) => happened switch
    {
        VersionRegistered e => VersionOf(e.Version),
        VersionStatusChanged e => VersionOf(e.Version),
        VersionCompleted e => VersionOf(e.Version),
        VersionRevalidated e => VersionOf(e.Version),
        VersionProven e => VersionOf(e.Version),
        TrafficShifted e => VersionOf(e.Version),
        ShadowSet e => VersionOf(e.Version),
        AliasMoved e => $"aliases/{e.Alias}",
        AliasDeleted e => $"aliases/{e.Alias}",
        DropRejected e => e.Path,
        _ => null,
    };

    private static string VersionOf(int version) => string.Create(CultureInfo.InvariantCulture, $"versions/{version}");
}
