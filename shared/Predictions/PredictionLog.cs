using Modeldrop.Registry;
using Modeldrop.Tensors;

namespace Modeldrop.Predictions;

/// <summary>A scored request, as the scorer hands it to the log.</summary>
public sealed record ScoredRequest
{
    public required PredictionId Id { get; init; }

    public required ModelName Model { get; init; }

    public required int Version { get; init; }

    public required string ModelSha256 { get; init; }

    /// <summary>The alias through which the version was picked; null when the number was asked for.</summary>
    public string? Alias { get; init; }

    /// <summary>The caller's <c>id</c>.</summary>
    public string? RequestId { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>The caller's <c>parameters.event_time</c>, or <see cref="ReceivedAt"/>.</summary>
    public required DateTimeOffset EventTime { get; init; }

    /// <summary>Time in the model.</summary>
    public required TimeSpan Duration { get; init; }

    public required IReadOnlyList<Tensor> Inputs { get; init; }

    /// <summary>All outputs of the model, also those that the caller did not ask for.</summary>
    public required IReadOnlyList<Tensor> Outputs { get; init; }
}

/// <summary>Takes scored requests without waiting and writes them, packed, in the background. Thread-safe.</summary>
public sealed class PredictionLog
{
    /// <summary>An id that nobody else gets; it says where the record will be.</summary>
    public PredictionId NextId(ModelName model) => throw new NotSupportedException();

    /// <summary>Puts the request into the buffer; a full buffer drops it and counts the loss.</summary>
    /// <returns>Whether it was taken.</returns>
    public bool Append(ScoredRequest request) => throw new NotSupportedException();
}
