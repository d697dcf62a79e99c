using Modeldrop.Names;
using Modeldrop.Tensors;

namespace Modeldrop.Predictions;

/// <summary>A logged request, read back: tensors have the very bits that were scored, times the precision of a microsecond.</summary>
public sealed record Prediction
{
    public required PredictionId Id { get; init; }

    public required ModelName Model { get; init; }

    public required int Version { get; init; }

    public required string ModelSha256 { get; init; }

    public string? Alias { get; init; }

    public string? RequestId { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    public required DateTimeOffset EventTime { get; init; }

    public required TimeSpan Duration { get; init; }

    public required IReadOnlyList<Tensor> Inputs { get; init; }

    /// <summary>None of a request that failed.</summary>
    public required IReadOnlyList<Tensor> Outputs { get; init; }

    /// <summary>Why it failed; null: it was answered.</summary>
    public string? Error { get; init; }

    /// <summary>Share of the requests that were logged: this one stands for 1 / sample of them.</summary>
    public double Sample { get; init; } = 1;

    /// <summary>What it was scored on: <see cref="EnvironmentFingerprint"/>.</summary>
    public required string Environment { get; init; }
}
