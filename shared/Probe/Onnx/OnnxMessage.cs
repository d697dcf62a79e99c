namespace Modeldrop.Probe.Onnx;

/// <summary>The fields of a message of onnx.proto that may occur only once, by number.</summary>
/// <remarks>
/// If a field occurs twice, protobuf uses the last number or text, and merges messages. A parser with other rules would see a different
/// model than ONNX Runtime, so such files are rejected; no writer creates them. Fields that are not listed are repeated or unknown.
/// </remarks>
/// <param name="Name">As in onnx.proto.</param>
/// <param name="Singular">One bit per field number.</param>
/// <param name="OneOf">Fields of which only one may occur, one bit per field number.</param>
internal sealed record OnnxMessage(string Name, ulong Singular, ulong OneOf = 0)
{
    public static readonly OnnxMessage Model = new("ModelProto", Bits(1, 2, 3, 4, 5, 6, 7));
    public static readonly OnnxMessage Training = new("TrainingInfoProto", Bits(1, 2));
    public static readonly OnnxMessage Entry = new("StringStringEntryProto", Bits(1, 2));
    public static readonly OnnxMessage Opset = new("OperatorSetIdProto", Bits(1, 2));
    public static readonly OnnxMessage Function = new("FunctionProto", Bits(1, 8, 10, 13));
    public static readonly OnnxMessage Graph = new("GraphProto", Bits(2, 10));
    public static readonly OnnxMessage Node = new("NodeProto", Bits(3, 4, 6, 7, 8));
    public static readonly OnnxMessage Attribute = new("AttributeProto", Bits(1, 2, 3, 4, 5, 6, 13, 14, 20, 21, 22));
    public static readonly OnnxMessage Tensor = new("TensorProto", Bits(2, 3, 8, 9, 12, 14));
    public static readonly OnnxMessage SparseTensor = new("SparseTensorProto", Bits(1, 2));
    public static readonly OnnxMessage Value = new("ValueInfoProto", Bits(1, 2, 3));
    public static readonly OnnxMessage Type = new("TypeProto", Bits(6), Bits(1, 4, 5, 7, 8, 9));
    public static readonly OnnxMessage ElementType = new("TypeProto's value", Bits(1, 2));
    public static readonly OnnxMessage Shape = new("TensorShapeProto", 0);
    public static readonly OnnxMessage Dimension = new("Dimension", Bits(3), Bits(1, 2));

    /// <summary>The fields of which only one may occur, including <paramref name="field"/>; 0: it may occur any number of times.</summary>
    public ulong GroupOf(int field)
    {
        ulong bit = field < 64 ? 1UL << field : 0;
        return (OneOf & bit) != 0 ? OneOf : Singular & bit;
    }

    private static ulong Bits(params ReadOnlySpan<int> fields)
    {
        ulong bits = 0;
        foreach (int field in fields)
        {
            bits |= 1UL << field;
        }

        return bits;
    }
}
