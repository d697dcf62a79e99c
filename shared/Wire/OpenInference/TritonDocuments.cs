using System.Text.Json.Serialization;
using Modeldrop.Tensors;

namespace Modeldrop.Wire.OpenInference;

/// <summary><c>GET /v2/models/{m}/config</c> in Triton's format, as far as it applies here.</summary>
/// <param name="MaxBatchSize">Always 0: in Triton's terms the dimensions then include the rows, whose number has no separate limit.</param>
public sealed record ModelConfig(
    string Name, string Platform, string Backend, [property: JsonPropertyName("max_batch_size")] int MaxBatchSize,
    IReadOnlyList<TensorConfig> Input, IReadOnlyList<TensorConfig> Output)
{
    public static ModelConfig Of(string name, string platform, Signature signature) => new(
        name, platform, "onnxruntime", 0, [.. signature.Inputs.Select(TensorConfig.Of)], [.. signature.Outputs.Select(TensorConfig.Of)]);
}

/// <param name="DataType">For example <c>TYPE_FP32</c>; texts are <c>TYPE_STRING</c>.</param>
/// <param name="Dims">-1 is variable; empty: a scalar.</param>
/// <param name="Optional">Null: it is required.</param>
public sealed record TensorConfig(
    string Name, [property: JsonPropertyName("data_type")] string DataType, IReadOnlyList<long> Dims, bool? Optional)
{
    public static TensorConfig Of(TensorSpec spec) => new(
        spec.Name,
        $"TYPE_{(spec.Datatype == Datatype.Bytes ? "STRING" : spec.Datatype.ProtocolName())}",
        spec.UnknownRank ? [-1] : spec.Shape,
        spec.Optional ? true : null);
}

/// <summary><c>GET /v2/models[/{m}]/stats</c> in Triton's format: the work of this process since it started.</summary>
public sealed record ModelStatistics([property: JsonPropertyName("model_stats")] IReadOnlyList<VersionStatistics> ModelStats);

/// <param name="LastInference">Milliseconds since 1970; 0: none yet.</param>
/// <param name="InferenceCount">Number of rows.</param>
/// <param name="ExecutionCount">Number of runs of the graph; requests may share one.</param>
public sealed record VersionStatistics(
    string Name,
    string Version,
    [property: JsonPropertyName("last_inference")] long LastInference,
    [property: JsonPropertyName("inference_count")] long InferenceCount,
    [property: JsonPropertyName("execution_count")] long ExecutionCount,
    [property: JsonPropertyName("inference_stats")] InferenceStatistics InferenceStats);

/// <param name="Success">From the decoded request to its outputs.</param>
/// <param name="Fail">Requests that failed because of the model or this service; their time is not recorded.</param>
/// <param name="Queue">The part of <paramref name="Success"/> outside the graph.</param>
/// <param name="ComputeInput">Included in the queue's time, like <paramref name="ComputeOutput"/>.</param>
/// <param name="ComputeInfer">The part of <paramref name="Success"/> in the graph.</param>
/// <param name="CacheHit">Always 0, as answers are not cached; perf_analyzer requires it and <paramref name="CacheMiss"/>.</param>
public sealed record InferenceStatistics(
    DurationStatistics Success,
    DurationStatistics Fail,
    DurationStatistics Queue,
    [property: JsonPropertyName("compute_input")] DurationStatistics ComputeInput,
    [property: JsonPropertyName("compute_infer")] DurationStatistics ComputeInfer,
    [property: JsonPropertyName("compute_output")] DurationStatistics ComputeOutput,
    [property: JsonPropertyName("cache_hit")] DurationStatistics CacheHit,
    [property: JsonPropertyName("cache_miss")] DurationStatistics CacheMiss);

/// <param name="Ns">Total nanoseconds.</param>
public sealed record DurationStatistics(long Count, long Ns);
