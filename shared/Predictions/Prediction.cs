namespace Modeldrop.Predictions;

/// <summary>A logged request, read back: tensors have the very bits that were scored, times the precision of a microsecond.</summary>
public sealed record Prediction : PredictionRecord
{
    /// <summary>What it was scored on: <see cref="EnvironmentFingerprint"/>.</summary>
    public required string Environment { get; init; }
}
