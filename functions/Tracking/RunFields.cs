using Modeldrop.Tracking.Protocol;
using Modeldrop.Tracking.Runs;

namespace Modeldrop.Functions.Tracking;

/// <summary>Reads the fields that several run calls share.</summary>
internal static class RunFields
{
    private const int MaxValueChars = 8_000;

    /// <param name="check">Whether this is the last field to read.</param>
    public static string IdOf(CallFields fields, bool check)
    {
        string id = fields.Text("run_id", maxChars: 250) ?? fields.Text("run_uuid", maxChars: 250) ?? fields.Required("run_id");
        if (check)
        {
            fields.Check();
        }

        return id;
    }

    public static MetricPoint MetricOf(CallFields fields, DateTimeOffset now)
    {
        string key = fields.Required("key");
        if (fields.Real("value") is not { } value)
        {
            fields.Refuse($"Missing value for required parameter 'value' of metric '{key}'.");
            value = 0;
        }

        return new MetricPoint(
            key, value, fields.Number("timestamp") ?? now.ToUnixTimeMilliseconds(), fields.Number("step") ?? 0,
            fields.Text("model_id", maxChars: 250), fields.Text("dataset_name", maxChars: 500),
            fields.Text("dataset_digest", maxChars: 250));
    }

    public static KeyValuePair<string, string> PairOf(CallFields fields) =>
        KeyValuePair.Create(fields.Required("key"), fields.Text("value", MaxValueChars) ?? "");
}
