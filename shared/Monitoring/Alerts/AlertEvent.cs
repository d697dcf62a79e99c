using System.Text.Json;
using CloudNative.CloudEvents;
using CloudNative.CloudEvents.SystemTextJson;
using Modeldrop.Storage;
using Modeldrop.Webhooks;

namespace Modeldrop.Monitoring.Alerts;

/// <summary>An alert as a CloudEvent 1.0 in structured JSON.</summary>
internal static class AlertEvent
{
    public const string ContentType = "application/cloudevents+json; charset=utf-8";

    // OpenTelemetry's severity numbers, which the official CloudEvents extension uses.
    private const int Warning = 13;
    private const int Information = 9;

    private static readonly JsonEventFormatter Formatter = new(StoredJson.Options, default);
    private static readonly CloudEventAttribute SeverityNumber = CloudEventAttribute.CreateExtension(
        "severitynumber", CloudEventAttributeType.Integer);
    private static readonly CloudEventAttribute SeverityText = CloudEventAttribute.CreateExtension(
        "severitytext", CloudEventAttributeType.String);

    /// <param name="source">See <see cref="WebhookOptions.Source"/>.</param>
    public static ReadOnlyMemory<byte> Encode(Alert alert, string source)
    {
        string separator = source.StartsWith("urn:", StringComparison.OrdinalIgnoreCase) ? ":" : "/api/models/";
        var cloudEvent = new CloudEvent(CloudEventsSpecVersion.V1_0, [SeverityNumber, SeverityText])
        {
            Id = alert.Id,
            Source = new Uri(source.TrimEnd('/') + separator + alert.Model),
            Type = TypeOf(alert.Kind, alert.Resolved),
            Subject = $"versions/{alert.Version}",
            Time = alert.At,
            DataContentType = "application/json",
            Data = new { alert.Model, alert.Version, alert.Summary, Figures = alert.Data },
        };
        bool isGood = alert.Resolved || alert.Kind == AlertKind.Comparison;
        cloudEvent[SeverityNumber] = isGood ? Information : Warning;
        cloudEvent[SeverityText] = isGood ? "INFO" : "WARN";
        return Formatter.EncodeStructuredModeMessage(cloudEvent, out _);
    }

    /// <summary>
    /// <c>io.modeldrop.drift.raised.v1</c>, <c>io.modeldrop.dataQuality.resolved.v1</c>, <c>io.modeldrop.retrain.requested.v1</c>…
    /// </summary>
    public static string TypeOf(AlertKind kind, bool resolved)
    {
        string what = kind switch
        {
            AlertKind.Retrain => "requested",
            AlertKind.Comparison => "made",
            _ => resolved ? "resolved" : "raised",
        };
        return $"io.modeldrop.{JsonNamingPolicy.CamelCase.ConvertName(kind.ToString())}.{what}.v1";
    }
}
