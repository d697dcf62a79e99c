using Microsoft.ML.OnnxRuntime.Tensors;
using Modeldrop.Tensors;

namespace Modeldrop.Scoring;

/// <summary>Which ONNX Runtime element type is which datatype of the protocol.</summary>
internal static class OnnxElementTypes
{
    private static readonly Dictionary<TensorElementType, Datatype> Datatypes = new()
    {
        [TensorElementType.Bool] = Datatype.Bool,
        [TensorElementType.UInt8] = Datatype.Uint8,
        [TensorElementType.UInt16] = Datatype.Uint16,
        [TensorElementType.UInt32] = Datatype.Uint32,
        [TensorElementType.UInt64] = Datatype.Uint64,
        [TensorElementType.Int8] = Datatype.Int8,
        [TensorElementType.Int16] = Datatype.Int16,
        [TensorElementType.Int32] = Datatype.Int32,
        [TensorElementType.Int64] = Datatype.Int64,
        [TensorElementType.Float16] = Datatype.Fp16,
        [TensorElementType.BFloat16] = Datatype.Bf16,
        [TensorElementType.Float] = Datatype.Fp32,
        [TensorElementType.Double] = Datatype.Fp64,
        [TensorElementType.String] = Datatype.Bytes,
    };

    private static readonly Dictionary<Datatype, TensorElementType> ElementTypes = Datatypes.ToDictionary(pair => pair.Value, pair => pair.Key);

    /// <summary>Null for a type that the protocol cannot carry.</summary>
    public static Datatype? ToDatatype(TensorElementType type) => Datatypes.TryGetValue(type, out Datatype datatype) ? datatype : null;

    public static TensorElementType ToElementType(Datatype datatype) => ElementTypes[datatype];
}
