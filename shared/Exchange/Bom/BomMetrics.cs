using System.Text.Json;
using System.Text.Json.Nodes;

namespace Modeldrop.Exchange.Bom;

/// <summary>The metrics of a validation report, as CycloneDX writes them: numbers as strings.</summary>
internal static class BomMetrics
{
    /// <param name="report">The stored report; null: there is none.</param>
    public static IEnumerable<JsonObject> Of(byte[]? report)
    {
        if (report is null)
        {
            yield break;
        }

        using JsonDocument document = JsonDocument.Parse(report);
        if (!document.RootElement.TryGetProperty("metrics", out JsonElement metrics)
            || !metrics.TryGetProperty("values", out JsonElement values))
        {
            yield break;
        }

        JsonElement intervals = metrics.TryGetProperty("intervals", out JsonElement found) ? found : default;
        foreach (JsonProperty metric in values.EnumerateObject().OrderBy(metric => metric.Name, StringComparer.Ordinal))
        {
            var row = new JsonObject { ["type"] = metric.Name, ["value"] = metric.Value.ToString() };
            if (intervals.ValueKind == JsonValueKind.Object && intervals.TryGetProperty(metric.Name, out JsonElement interval)
                && interval.TryGetProperty("low", out JsonElement low) && interval.TryGetProperty("high", out JsonElement high))
            {
                row["confidenceInterval"] = new JsonObject { ["lowerBound"] = low.ToString(), ["upperBound"] = high.ToString() };
            }

            yield return row;
        }
    }
}
