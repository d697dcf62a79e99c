using Modeldrop.Names;
using Modeldrop.Tensors;

namespace Modeldrop.Predictions;

/// <summary>What the log knows of a request.</summary>
public abstract record PredictionRecord
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

    /// <summary>All outputs of the model, also those that the caller did not ask for; none of a request that failed.</summary>
    public required IReadOnlyList<Tensor> Outputs { get; init; }

    /// <summary>Why it failed; null: it was answered. A request that no tensors could be made of has no inputs either.</summary>
    public string? Error { get; init; }

    /// <summary>The manifest's <c>logging.sample</c> at that time, above 0: the record stands for 1 / sample requests.</summary>
    public double Sample { get; init; } = 1;
}
