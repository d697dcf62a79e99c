using Modeldrop.Tensors;

namespace Modeldrop.Wire.OpenInference;

/// <summary>An output and how it is sent.</summary>
public readonly record struct OutputTensor(Tensor Tensor, bool Binary);

/// <summary>An inference response, ready to be encoded.</summary>
public readonly struct InferResponse
{
    public required string ModelName { get; init; }

    public required int ModelVersion { get; init; }

    /// <summary>The request's id; null if it had none.</summary>
    public string? Id { get; init; }

    public string? PredictionId { get; init; }

    /// <summary>The alias that selected the version; null when the caller named the version number.</summary>
    public string? Alias { get; init; }

    /// <summary>SHA-256 over all files of the version; null: omitted.</summary>
    public string? VersionDigest { get; init; }

    /// <summary>Explains in one sentence why this version took the request; null: not requested.</summary>
    public string? Routing { get; init; }

    public required IReadOnlyList<OutputTensor> Outputs { get; init; }
}
