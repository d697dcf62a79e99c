using Modeldrop.Tensors;

namespace Modeldrop.Probe.Onnx;

/// <summary>What an ONNX file says of itself, read without loading it.</summary>
internal sealed record OnnxFile
{
    public required long IrVersion { get; init; }

    public required string Producer { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    public required IReadOnlyDictionary<string, long> Opsets { get; init; }

    /// <summary>Node count by <c>domain:type</c>, with the nodes of nested graphs and of the model's own functions.</summary>
    public required IReadOnlyDictionary<string, int> Operators { get; init; }

    /// <summary>
    /// Numbers in initializers, in constant tensors and in the float lists of attributes (where classic models keep their coefficients and
    /// trees).
    /// </summary>
    public required long Parameters { get; init; }

    public IReadOnlyList<string>? Classes { get; init; }

    public required IReadOnlyList<string> ExternalFiles { get; init; }

    /// <summary>What the encoders know of the texts of an input, by its name; an input without encoders is not among them.</summary>
    public required IReadOnlyDictionary<string, TextKeys> TextKeys { get; init; }

    /// <summary>Inputs and outputs that are declared without a shape; of a sequence its elements.</summary>
    public required IReadOnlySet<string> UnknownRanks { get; init; }

    /// <summary>What a session says, and where it cannot tell a scalar from a tensor of any rank, what the file says.</summary>
    public Signature Complete(Signature session) => new([.. session.Inputs.Select(Complete)], [.. session.Outputs.Select(Complete)]);

    // The session knows dimensions of more tensors than the file declares: ONNX Runtime infers them.
    private TensorSpec Complete(TensorSpec spec) =>
        UnknownRanks.Contains(spec.Name) && spec.Shape.Count == (spec.Sequence ? 1 : 0)
            ? spec with { Shape = [], UnknownRank = true }
            : spec;
}

/// <summary>A tensor whose elements are in another file.</summary>
/// <param name="ExpectedBytes">By datatype and shape; null where the datatype is not known.</param>
internal sealed record ExternalTensor(string Name, string Location, long Offset, long? Length, long? ExpectedBytes);
