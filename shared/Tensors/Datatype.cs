namespace Modeldrop.Tensors;

/// <summary>Element types of the Open Inference Protocol that ONNX shares.</summary>
public enum Datatype
{
    Bool,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    Int8,
    Int16,
    Int32,
    Int64,
    Fp16,
    Bf16,
    Fp32,
    Fp64,

    /// <summary>Strings of any length; UTF-8 on the wire.</summary>
    Bytes,
}

public static class Datatypes
{
    private static readonly string[] Names =
        ["BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "BF16", "FP32", "FP64", "BYTES"];

    private static readonly int[] Sizes = [1, 1, 2, 4, 8, 1, 2, 4, 8, 2, 2, 4, 8, 0];

    /// <summary>The protocol's name: <c>FP32</c>.</summary>
    public static string ProtocolName(this Datatype datatype) => Names[(int)datatype];

    /// <summary>Bytes of one element; 0 for <see cref="Datatype.Bytes"/>.</summary>
    public static int ElementBytes(this Datatype datatype) => Sizes[(int)datatype];

    /// <summary>The datatype with that protocol name; null if there is none (case-sensitive, as the protocol is).</summary>
    public static Datatype? Find(string name)
    {
        int index = Array.IndexOf(Names, name);
        return index < 0 ? null : (Datatype)index;
    }
}
