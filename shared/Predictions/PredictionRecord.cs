using Modeldrop.Names;
using Modeldrop.Tensors;

namespace Modeldrop.Predictions;

/// <summary>The logged facts about a request.</summary>
public abstract record PredictionRecord
{
    public required PredictionId Id { get; init; }

    public required ModelName Model { get; init; }

    public required int Version { get; init; }

    public required string ModelSha256 { get; init; }

    /// <summary>The alias that selected the version; null when the caller named the version number.</summary>
    public string? Alias { get; init; }

    /// <summary>The caller's <c>id</c>.</summary>
    public string? RequestId { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>The caller's <c>parameters.event_time</c>, or <see cref="ReceivedAt"/>.</summary>
    public required DateTimeOffset EventTime { get; init; }

    /// <summary>Time in the model.</summary>
    public required TimeSpan Duration { get; init; }

    public required IReadOnlyList<Tensor> Inputs { get; init; }

    /// <summary>All outputs of the model, including those not requested; none for a failed request.</summary>
    public required IReadOnlyList<Tensor> Outputs { get; init; }

    /// <summary>
    /// Why the request failed; null: it was answered. A request that could not be converted to tensors has no inputs either.
    /// </summary>
    public string? Error { get; init; }

    /// <summary>The manifest's <c>logging.sample</c> at that time, above 0: the record represents 1 / sample requests.</summary>
    public double Sample { get; init; } = 1;
}
