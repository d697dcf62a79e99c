using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Modeldrop.Tensors;

/// <summary>ONNX Runtime's element types in the words of the protocol.</summary>
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

    /// <summary>Null for what the protocol has no word for: complex numbers, 4- and 8-bit floats.</summary>
    public static Datatype? Find(TensorElementType type)
    {
        int index = Array.IndexOf(ElementTypes, type);
        return index < 0 ? null : (Datatype)index;
    }

    /// <summary>What a value is that is no tensor, for people.</summary>
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
