using Modeldrop.Tensors;

namespace Modeldrop.Wire.OpenInference;

/// <summary>An output as it is sent.</summary>
public readonly record struct OutputTensor(Tensor Tensor, bool Binary);

/// <summary>An inference response, ready to be encoded.</summary>
public readonly struct InferResponse
{
    public required string ModelName { get; init; }

    public required int ModelVersion { get; init; }

    /// <summary>The request's id; null when it had none.</summary>
    public string? Id { get; init; }

    public string? PredictionId { get; init; }

    /// <summary>The alias through which the version was picked; null when the number was asked for.</summary>
    public string? Alias { get; init; }

    /// <summary>SHA-256 over all files of the version; null: not told.</summary>
    public string? VersionDigest { get; init; }

    /// <summary>Why this version took the request, in a sentence; null: nobody asked.</summary>
    public string? Routing { get; init; }

    public required IReadOnlyList<OutputTensor> Outputs { get; init; }
}
