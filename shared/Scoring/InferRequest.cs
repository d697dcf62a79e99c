using Modeldrop.Tensors;

namespace Modeldrop.Scoring;

/// <summary>A request of the Open Inference Protocol.</summary>
public sealed record InferRequest
{
    /// <summary>The caller's name for the request; echoed.</summary>
    public string? Id { get; init; }

    public required IReadOnlyList<Tensor> Inputs { get; init; }

    /// <summary>Names of the outputs that the caller wants; null: all.</summary>
    public IReadOnlyList<string>? Outputs { get; init; }

    /// <summary><c>parameters.event_time</c>: dates the record.</summary>
    public DateTimeOffset? EventTime { get; init; }
}
