using System.Buffers.Binary;
using System.Globalization;
using Modeldrop.Tensors;

namespace Modeldrop.Metrics;

/// <summary>Reads single elements of a tensor, for checks where clarity matters more than speed.</summary>
internal static class TensorValues
{
    public static bool IsFloat(Datatype datatype) => datatype is Datatype.Fp16 or Datatype.Bf16 or Datatype.Fp32 or Datatype.Fp64;

    /// <summary>The element as a double; exact except for 64-bit integers beyond 2^53.</summary>
    public static double Number(Tensor tensor, int index)
    {
        ReadOnlySpan<byte> element = tensor.Data.Span[(index * tensor.Datatype.ElementBytes())..];
        return tensor.Datatype switch
        {
            Datatype.Bool or Datatype.Uint8 => element[0],
            Datatype.Int8 => (sbyte)element[0],
            Datatype.Uint16 => BinaryPrimitives.ReadUInt16LittleEndian(element),
            Datatype.Int16 => BinaryPrimitives.ReadInt16LittleEndian(element),
            Datatype.Uint32 => BinaryPrimitives.ReadUInt32LittleEndian(element),
            Datatype.Int32 => BinaryPrimitives.ReadInt32LittleEndian(element),
            Datatype.Uint64 => BinaryPrimitives.ReadUInt64LittleEndian(element),
            Datatype.Int64 => BinaryPrimitives.ReadInt64LittleEndian(element),
            Datatype.Fp16 => (double)BinaryPrimitives.ReadHalfLittleEndian(element),
            Datatype.Bf16 => BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(element) << 16),
            Datatype.Fp32 => BinaryPrimitives.ReadSingleLittleEndian(element),
            Datatype.Fp64 => BinaryPrimitives.ReadDoubleLittleEndian(element),
            _ => throw new ArgumentException("Strings are not numbers.", nameof(tensor)),
        };
    }

    /// <summary>The element as text: a string itself, an integer in digits, a boolean as <c>true</c> or <c>false</c>.</summary>
    public static string Text(Tensor tensor, int index) => tensor.Datatype switch
    {
        Datatype.Bytes => tensor.Strings![index],
        Datatype.Bool => tensor.Data.Span[index] == 0 ? "false" : "true",
        Datatype.Int64 => BinaryPrimitives.ReadInt64LittleEndian(tensor.Data.Span[(index * sizeof(long))..])
            .ToString(CultureInfo.InvariantCulture),
        Datatype.Uint64 => BinaryPrimitives.ReadUInt64LittleEndian(tensor.Data.Span[(index * sizeof(ulong))..])
            .ToString(CultureInfo.InvariantCulture),
        _ => Number(tensor, index).ToString("R", CultureInfo.InvariantCulture),
    };
}
