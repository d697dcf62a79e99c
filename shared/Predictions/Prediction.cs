namespace Modeldrop.Predictions;

/// <summary>A logged request as read back: tensors have exactly the bits that were scored; times have microsecond precision.</summary>
public sealed record Prediction : PredictionRecord
{
    /// <summary>The environment that scored it: <see cref="EnvironmentFingerprint"/>.</summary>
    public required string Environment { get; init; }
}
