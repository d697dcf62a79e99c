namespace Modeldrop.Predictions;

/// <summary>Names a prediction and says where its record is: 26 characters of Crockford's base 32.</summary>
/// <param name="ModelHash">First 32 bits of the SHA-256 of the model's name; a collision costs a filter, not correctness.</param>
/// <param name="Hour">Hours since 1970-01-01T00Z of the moment of scoring.</param>
/// <param name="Writer">The process that scored it.</param>
/// <param name="Sequence">Counted up by that process.</param>
public readonly record struct PredictionId(uint ModelHash, uint Hour, uint Writer, uint Sequence);
