using System.Text.Json;
using Modeldrop.Tracking.Protocol;
using Modeldrop.Tracking.Runs;

namespace Modeldrop.Tracking.Calls;

// Calls of MLflow's protocol that log to runs.

/// <summary>A value of a metric.</summary>
/// <param name="Timestamp">Null: now.</param>
public sealed record MetricFields(
    string Key, double Value, long? Timestamp, long Step, string? ModelId, string? DatasetName, string? DatasetDigest)
{
    public MetricPoint ToPoint(DateTimeOffset now) =>
        new(Key, Value, Timestamp ?? now.ToUnixTimeMilliseconds(), Step, ModelId, DatasetName, DatasetDigest);

    internal static MetricFields Read(CallFields fields)
    {
        fields.Unused("run_id");
        return new MetricFields(
            fields.Required("key"), fields.RequiredReal("value"), fields.Number("timestamp"), fields.Number("step") ?? 0,
            fields.Text("model_id", maxChars: 250), fields.Text("dataset_name", maxChars: 500),
            fields.Text("dataset_digest", maxChars: 250));
    }
}

public sealed record LogMetricCall(string Id, MetricFields Metric) : ITrackingCall<LogMetricCall>
{
    public static LogMetricCall Read(CallFields fields)
    {
        var metric = MetricFields.Read(fields);
        return new LogMetricCall(RunCall.IdOf(fields), metric);
    }
}

/// <summary>A parameter or a tag of a run.</summary>
public sealed record RunPairCall(string Id, string Key, string Value) : ITrackingCall<RunPairCall>
{
    public IReadOnlyDictionary<string, string> Pair => new Dictionary<string, string> { [Key] = Value };

    public static RunPairCall Read(CallFields fields) =>
        new(RunCall.IdOf(fields), fields.Required("key"), fields.Text("value", maxChars: 8_000) ?? "");
}

public sealed record DeleteRunTagCall(string Id, string Key) : ITrackingCall<DeleteRunTagCall>
{
    public static DeleteRunTagCall Read(CallFields fields) => new(RunCall.IdOf(fields), fields.Required("key"));
}

public sealed record LogBatchCall(
    string Id, IReadOnlyList<MetricFields> Metrics, IReadOnlyDictionary<string, string> Params, IReadOnlyDictionary<string, string> Tags)
    : ITrackingCall<LogBatchCall>
{
    public static LogBatchCall Read(CallFields fields) => new(
        RunCall.IdOf(fields), [.. fields.Objects("metrics", max: 1_000).Select(MetricFields.Read)], fields.Pairs("params"),
        fields.Pairs("tags"));
}

/// <param name="Datasets">As the client sent them.</param>
/// <param name="Models">Ids of logged models.</param>
public sealed record LogInputsCall(string Id, IReadOnlyList<JsonElement> Datasets, IReadOnlyList<string> Models)
    : ITrackingCall<LogInputsCall>
{
    public static LogInputsCall Read(CallFields fields) => new(
        RunCall.IdOf(fields), fields.Elements("datasets", max: 1_000),
        [.. fields.Objects("models", max: 1_000).Select(model => model.Required("model_id"))]);
}

/// <param name="Models">Ids of logged models, with the step.</param>
public sealed record LogOutputsCall(string Id, IReadOnlyList<KeyValuePair<string, long>> Models) : ITrackingCall<LogOutputsCall>
{
    public static LogOutputsCall Read(CallFields fields) => new(
        RunCall.IdOf(fields),
        [.. fields.Objects("models", max: 1_000)
            .Select(model => KeyValuePair.Create(model.Required("model_id"), model.Number("step") ?? 0))]);
}

/// <param name="Json">The model, as the client describes it.</param>
public sealed record LogModelCall(string Id, string Json) : ITrackingCall<LogModelCall>
{
    public static LogModelCall Read(CallFields fields) => new(RunCall.IdOf(fields), fields.Required("model_json", maxChars: 100_000));
}
