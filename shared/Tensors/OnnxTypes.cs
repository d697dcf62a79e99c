using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Modeldrop.Tensors;

/// <summary>Maps ONNX Runtime's element types to the protocol's.</summary>
internal static class OnnxTypes
{
    // In the order of Datatype.
    private static readonly TensorElementType[] ElementTypes =
    [
        TensorElementType.Bool,
        TensorElementType.UInt8,
        TensorElementType.UInt16,
        TensorElementType.UInt32,
        TensorElementType.UInt64,
        TensorElementType.Int8,
        TensorElementType.Int16,
        TensorElementType.Int32,
        TensorElementType.Int64,
        TensorElementType.Float16,
        TensorElementType.BFloat16,
        TensorElementType.Float,
        TensorElementType.Double,
        TensorElementType.String,
    ];

    public static TensorElementType ElementType(this Datatype datatype) => ElementTypes[(int)datatype];

    /// <summary>Null for types that the protocol does not have: complex numbers, 4- and 8-bit floats.</summary>
    public static Datatype? Find(TensorElementType type)
    {
        int index = Array.IndexOf(ElementTypes, type);
        return index < 0 ? null : (Datatype)index;
    }

    /// <summary>Describes a value that is not a tensor, for people.</summary>
    public static string Word(OnnxValueType type) => type switch
    {
        OnnxValueType.ONNX_TYPE_SEQUENCE => "a sequence",
        OnnxValueType.ONNX_TYPE_MAP => "a map",
        OnnxValueType.ONNX_TYPE_SPARSETENSOR => "a sparse tensor",
        OnnxValueType.ONNX_TYPE_OPTIONAL => "an optional value",
        OnnxValueType.ONNX_TYPE_OPAQUE => "an opaque value",
        _ => $"of kind {type}",
    };
}
