using Modeldrop.Registry;
using Modeldrop.Scoring.Sessions;
using Modeldrop.Tensors;

namespace Modeldrop.Probe.Onnx;

/// <summary>The description in an ONNX file, read without loading the model.</summary>
internal sealed record OnnxFile
{
    public required long IrVersion { get; init; }

    public required string Producer { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    public required IReadOnlyDictionary<string, long> Opsets { get; init; }

    /// <summary>Node count by <c>domain:type</c>, including the nodes of nested graphs and of the model's own functions.</summary>
    public required IReadOnlyDictionary<string, int> Operators { get; init; }

    /// <inheritdoc cref="RunMemory.OwnBytes"/>
    public long OwnRunBytes => RunMemory.OwnBytes(ModelInspection.HasLoops(Operators), Parameters);

    /// <summary>
    /// Count of numbers in initializers, in constant tensors and in the float lists of attributes (where classic models keep their
    /// coefficients and trees).
    /// </summary>
    public required long Parameters { get; init; }

    public IReadOnlyList<string>? Classes { get; init; }

    public required IReadOnlyList<string> ExternalFiles { get; init; }

    /// <summary>The texts that the encoders of an input know, by the input's name; inputs without encoders are left out.</summary>
    public required IReadOnlyDictionary<string, TextKeys> TextKeys { get; init; }

    /// <summary>Inputs and outputs declared without a shape; for a sequence, its elements.</summary>
    public required IReadOnlySet<string> UnknownRanks { get; init; }

    /// <summary>
    /// The session's signature. Where the session cannot distinguish a scalar from a tensor of any rank, the file decides.
    /// </summary>
    public Signature Complete(Signature session) => new([.. session.Inputs.Select(Complete)], [.. session.Outputs.Select(Complete)]);

    // The session knows the dimensions of more tensors than the file declares, because ONNX Runtime infers them.
    private TensorSpec Complete(TensorSpec spec) =>
        UnknownRanks.Contains(spec.Name) && spec.Shape.Count == (spec.Sequence ? 1 : 0)
            ? spec with { Shape = [], UnknownRank = true }
            : spec;
}

/// <summary>A tensor with its elements in another file.</summary>
/// <param name="ExpectedBytes">From datatype and shape; null for an unknown datatype.</param>
internal sealed record ExternalTensor(string Name, string Location, long Offset, long? Length, long? ExpectedBytes);
