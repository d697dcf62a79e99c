using System.Buffers.Binary;
using System.Text.Json;

namespace Modeldrop.Tensors;

/// <summary>Elements of tensors as JSON: numbers, booleans, strings; NaN and infinities as <c>null</c>, which clients read back as NaN.</summary>
public static class TensorJson
{
    /// <summary>Nesting of <c>data</c> that is followed; deeper is refused.</summary>
    private const int MaxDepth = 32;

    /// <summary>Writes name, datatype, shape and data, as the protocol has them.</summary>
    public static void Write(Utf8JsonWriter json, Tensor tensor)
    {
        json.WriteStartObject();
        json.WriteString("name", tensor.Name);
        json.WriteString("datatype", tensor.Datatype.ProtocolName());
        json.WriteStartArray("shape");
        foreach (long dimension in tensor.Shape)
        {
            json.WriteNumberValue(dimension);
        }

        json.WriteEndArray();
        json.WritePropertyName("data");
        WriteData(json, tensor);
        json.WriteEndObject();
    }

    /// <summary>Writes the elements as one flat array.</summary>
    public static void WriteData(Utf8JsonWriter json, Tensor tensor)
    {
        json.WriteStartArray();
        if (tensor.Strings is { } strings)
        {
            foreach (string text in strings)
            {
                json.WriteStringValue(text);
            }
        }
        else
        {
            ReadOnlySpan<byte> data = tensor.Data.Span;
            int size = tensor.Datatype.ElementBytes();
            for (int offset = 0; offset < data.Length; offset += size)
            {
                WriteElement(json, tensor.Datatype, data.Slice(offset, size));
            }
        }

        json.WriteEndArray();
    }

    /// <summary>Reads an array, nested or flat, in row-major order; the reader stands on its start and is left on its end.</summary>
    /// <returns>What is wrong; null when the tensor is complete.</returns>
    public static string? ReadData(ref Utf8JsonReader reader, string name, Datatype datatype, long[] shape, long maxElements, out Tensor? tensor)
    {
        tensor = null;
        long count = Tensor.CountOf(shape);
        if (count > maxElements)
        {
            reader.Skip();
            return $"Input '{name}' has {count:N0} elements; at most {maxElements:N0} are taken.";
        }

        var strings = datatype == Datatype.Bytes ? new string[count] : null;
        byte[] data = strings is null ? new byte[count * datatype.ElementBytes()] : [];
        string? problem = null;
        long index = 0;
        int depth = 0;
        do
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartArray when depth < MaxDepth:
                    depth++;
                    break;
                case JsonTokenType.StartArray:
                    return $"The data of input '{name}' are nested deeper than {MaxDepth} arrays.";
                case JsonTokenType.EndArray:
                    depth--;
                    break;
                case JsonTokenType.StartObject:
                    problem ??= $"Element {index} of input '{name}' is an object.";
                    reader.Skip();
                    index++;
                    break;
                default:
                    if (index < count && problem is null && !TryReadElement(ref reader, datatype, index, data, strings))
                    {
                        problem = $"Element {index} of input '{name}' is not a {datatype.ProtocolName()}.";
                    }

                    index++;
                    break;
            }
        }
        while (depth > 0 && reader.Read());

        problem ??= index == count ? null : $"Input '{name}' has {index:N0} elements; its shape [{string.Join(",", shape)}] has {count:N0}.";
        if (problem is null)
        {
            tensor = strings is null ? Tensor.OfBytes(name, datatype, shape, data) : Tensor.OfStrings(name, shape, strings);
        }

        return problem;
    }

    private static bool TryReadElement(ref Utf8JsonReader reader, Datatype datatype, long index, byte[] data, string[]? strings)
    {
        if (strings is not null)
        {
            strings[index] = reader.TokenType == JsonTokenType.String ? reader.GetString()! : "";
            return reader.TokenType == JsonTokenType.String;
        }

        int size = datatype.ElementBytes();
        Span<byte> element = data.AsSpan((int)(index * size), size);
        return reader.TokenType switch
        {
            JsonTokenType.Number => TryWriteNumber(ref reader, datatype, element),
            JsonTokenType.True or JsonTokenType.False when datatype == Datatype.Bool => Write(element, reader.TokenType == JsonTokenType.True),
            JsonTokenType.Null => TryWriteNaN(datatype, element),
            _ => false,
        };
    }

    private static bool Write(Span<byte> element, bool value)
    {
        element[0] = value ? (byte)1 : (byte)0;
        return true;
    }

    private static bool TryWriteNaN(Datatype datatype, Span<byte> element)
    {
        switch (datatype)
        {
            case Datatype.Fp32:
                BinaryPrimitives.WriteSingleLittleEndian(element, float.NaN);
                return true;
            case Datatype.Fp64:
                BinaryPrimitives.WriteDoubleLittleEndian(element, double.NaN);
                return true;
            case Datatype.Fp16:
                BinaryPrimitives.WriteHalfLittleEndian(element, Half.NaN);
                return true;
            default:
                return false;
        }
    }

    // Integers are read as such, never by way of a double: 64 bits do not fit into one.
    private static bool TryWriteNumber(ref Utf8JsonReader reader, Datatype datatype, Span<byte> element)
    {
        switch (datatype)
        {
            case Datatype.Bool when reader.TryGetByte(out byte flag) && flag <= 1:
                element[0] = flag;
                return true;
            case Datatype.Uint8 when reader.TryGetByte(out byte uint8):
                element[0] = uint8;
                return true;
            case Datatype.Int8 when reader.TryGetSByte(out sbyte int8):
                element[0] = (byte)int8;
                return true;
            case Datatype.Uint16 when reader.TryGetUInt16(out ushort uint16):
                BinaryPrimitives.WriteUInt16LittleEndian(element, uint16);
                return true;
            case Datatype.Int16 when reader.TryGetInt16(out short int16):
                BinaryPrimitives.WriteInt16LittleEndian(element, int16);
                return true;
            case Datatype.Uint32 when reader.TryGetUInt32(out uint uint32):
                BinaryPrimitives.WriteUInt32LittleEndian(element, uint32);
                return true;
            case Datatype.Int32 when reader.TryGetInt32(out int int32):
                BinaryPrimitives.WriteInt32LittleEndian(element, int32);
                return true;
            case Datatype.Uint64 when reader.TryGetUInt64(out ulong uint64):
                BinaryPrimitives.WriteUInt64LittleEndian(element, uint64);
                return true;
            case Datatype.Int64 when reader.TryGetInt64(out long int64):
                BinaryPrimitives.WriteInt64LittleEndian(element, int64);
                return true;
            case Datatype.Fp32 when reader.TryGetSingle(out float fp32):
                BinaryPrimitives.WriteSingleLittleEndian(element, fp32);
                return true;
            case Datatype.Fp64 when reader.TryGetDouble(out double fp64):
                BinaryPrimitives.WriteDoubleLittleEndian(element, fp64);
                return true;
            case Datatype.Fp16 when reader.TryGetDouble(out double fp16):
                BinaryPrimitives.WriteHalfLittleEndian(element, (Half)fp16);
                return true;
            default:
                return false;
        }
    }

    private static void WriteElement(Utf8JsonWriter json, Datatype datatype, ReadOnlySpan<byte> element)
    {
        switch (datatype)
        {
            case Datatype.Bool:
                json.WriteBooleanValue(element[0] != 0);
                break;
            case Datatype.Uint8:
                json.WriteNumberValue(element[0]);
                break;
            case Datatype.Int8:
                json.WriteNumberValue((sbyte)element[0]);
                break;
            case Datatype.Uint16:
                json.WriteNumberValue(BinaryPrimitives.ReadUInt16LittleEndian(element));
                break;
            case Datatype.Int16:
                json.WriteNumberValue(BinaryPrimitives.ReadInt16LittleEndian(element));
                break;
            case Datatype.Uint32:
                json.WriteNumberValue(BinaryPrimitives.ReadUInt32LittleEndian(element));
                break;
            case Datatype.Int32:
                json.WriteNumberValue(BinaryPrimitives.ReadInt32LittleEndian(element));
                break;
            case Datatype.Uint64:
                json.WriteNumberValue(BinaryPrimitives.ReadUInt64LittleEndian(element));
                break;
            case Datatype.Int64:
                json.WriteNumberValue(BinaryPrimitives.ReadInt64LittleEndian(element));
                break;
            case Datatype.Fp64:
                WriteFinite(json, BinaryPrimitives.ReadDoubleLittleEndian(element));
                break;
            default:
                WriteFinite(json, ReadSingle(datatype, element));
                break;
        }
    }

    // The upper half of a float's bits is a BF16.
    private static float ReadSingle(Datatype datatype, ReadOnlySpan<byte> element) => datatype switch
    {
        Datatype.Fp32 => BinaryPrimitives.ReadSingleLittleEndian(element),
        Datatype.Fp16 => (float)BinaryPrimitives.ReadHalfLittleEndian(element),
        Datatype.Bf16 => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadInt16LittleEndian(element) << 16),
        _ => throw new ArgumentOutOfRangeException(nameof(datatype), datatype, "No such short float."),
    };

    private static void WriteFinite(Utf8JsonWriter json, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumberValue(value);
        }
        else
        {
            json.WriteNullValue();
        }
    }

    private static void WriteFinite(Utf8JsonWriter json, float value)
    {
        if (float.IsFinite(value))
        {
            json.WriteNumberValue(value);
        }
        else
        {
            json.WriteNullValue();
        }
    }
}
