using Modeldrop.Tensors;

namespace Modeldrop.Scoring;

/// <summary>An output that the caller asks for.</summary>
/// <param name="Binary">Whether as bytes behind the JSON, rather than in it.</param>
public sealed record RequestedOutput(string Name, bool Binary);

/// <summary>An inference request, decoded; not yet held against a model's signature.</summary>
public sealed class InferRequest
{
    /// <summary>The caller's id, to be sent back.</summary>
    public string? Id { get; init; }

    public IReadOnlyList<Tensor> Inputs { get; init; } = [];

    /// <summary>The outputs that were asked for, in that order; null: all.</summary>
    public IReadOnlyList<RequestedOutput>? Outputs { get; init; }

    /// <summary><c>parameters.binary_data_output</c>: all outputs as bytes, where <see cref="Outputs"/> is null.</summary>
    public bool BinaryOutput { get; init; }

    /// <summary><c>parameters.event_time</c>.</summary>
    public DateTimeOffset? EventTime { get; init; }

    /// <summary><c>parameters.routing_key</c>: requests of one key get the same version while the split stays.</summary>
    public string? RoutingKey { get; init; }

    /// <summary>The whole body is the data of the model's only input (<c>Inference-Header-Content-Length: 0</c>); null otherwise. Owns its memory.</summary>
    public byte[]? RawInput { get; init; }

    /// <summary>Names of inputs that were sent but cannot be read; each has its sentence in <see cref="Violations"/>.</summary>
    public IReadOnlyList<string> UnreadableInputs { get; init; } = [];

    /// <summary>What is wrong with it, apart from broken JSON, which is thrown.</summary>
    public IReadOnlyList<string> Violations { get; init; } = [];
}
