using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using Modeldrop.Tensors;

namespace Modeldrop.Wire;

/// <summary>Writes the elements of a tensor: as JSON, or as the bytes of the binary tensor extension.</summary>
internal static class TensorWriter
{
    // Longest number: -1.7976931348623157E+308 and a comma.
    private const int MaxNumberBytes = 32;

    /// <summary>The elements, flat and separated by commas.</summary>
    /// <param name="names">
    /// Whether NaN and the infinities are written by name, as strings, for stored data. Otherwise they are <c>null</c>, for answers.
    /// </param>
    public static void WriteJson(PooledBuffer buffer, Tensor tensor, bool names = false) =>
        WriteJson(buffer, tensor, 0, (int)tensor.Count, names);

    /// <summary>Some of the elements, flat and separated by commas.</summary>
    public static void WriteJson(PooledBuffer buffer, Tensor tensor, int start, int count, bool names = false)
    {
        if (tensor.Texts is { } texts)
        {
            WriteTexts(buffer, texts.Range(start, count));
            return;
        }

        int size = tensor.Datatype.ElementBytes();
        ReadOnlySpan<byte> data = tensor.Data.Span.Slice(start * size, count * size);
        switch (tensor.Datatype)
        {
            case Datatype.Bool:
                WriteBooleans(buffer, data);
                break;
            case Datatype.Uint8:
                WriteNumbers<byte>(buffer, data);
                break;
            case Datatype.Uint16:
                WriteNumbers<ushort>(buffer, data);
                break;
            case Datatype.Uint32:
                WriteNumbers<uint>(buffer, data);
                break;
            case Datatype.Uint64:
                WriteNumbers<ulong>(buffer, data);
                break;
            case Datatype.Int8:
                WriteNumbers<sbyte>(buffer, data);
                break;
            case Datatype.Int16:
                WriteNumbers<short>(buffer, data);
                break;
            case Datatype.Int32:
                WriteNumbers<int>(buffer, data);
                break;
            case Datatype.Int64:
                WriteNumbers<long>(buffer, data);
                break;
            case Datatype.Fp16:
                WriteFloats<Half>(buffer, data, names);
                break;
            case Datatype.Bf16:
                WriteBrainFloats(buffer, data, names);
                break;
            case Datatype.Fp32:
                WriteFloats<float>(buffer, data, names);
                break;
            default:
                WriteFloats<double>(buffer, data, names);
                break;
        }
    }

    private static void WriteTexts(PooledBuffer buffer, Texts.Enumerator texts)
    {
        bool isFirst = true;
        foreach (ReadOnlySpan<byte> text in texts)
        {
            buffer.Write(isFirst ? ""u8 : ","u8);
            JsonText.WriteUtf8(buffer, text);
            isFirst = false;
        }
    }

    private static void WriteBooleans(PooledBuffer buffer, ReadOnlySpan<byte> data)
    {
        for (int i = 0; i < data.Length; i++)
        {
            buffer.Write(i == 0 ? ""u8 : ","u8);
            buffer.Write(data[i] != 0 ? "true"u8 : "false"u8);
        }
    }

    private static void WriteNumbers<T>(PooledBuffer buffer, ReadOnlySpan<byte> data)
        where T : unmanaged, IUtf8SpanFormattable
    {
        ReadOnlySpan<T> elements = MemoryMarshal.Cast<byte, T>(data);
        for (int i = 0; i < elements.Length; i++)
        {
            Append(buffer, elements[i], isFirst: i == 0);
        }
    }

    private static void WriteFloats<T>(PooledBuffer buffer, ReadOnlySpan<byte> data, bool names)
        where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>
    {
        ReadOnlySpan<T> elements = MemoryMarshal.Cast<byte, T>(data);
        for (int i = 0; i < elements.Length; i++)
        {
            AppendFloat(buffer, elements[i], isFirst: i == 0, names);
        }
    }

    private static void WriteBrainFloats(PooledBuffer buffer, ReadOnlySpan<byte> data, bool names)
    {
        ReadOnlySpan<ushort> elements = MemoryMarshal.Cast<byte, ushort>(data);
        for (int i = 0; i < elements.Length; i++)
        {
            AppendFloat(buffer, BitConverter.UInt32BitsToSingle((uint)elements[i] << 16), isFirst: i == 0, names);
        }
    }

    private static void AppendFloat<T>(PooledBuffer buffer, T element, bool isFirst, bool names)
        where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>
    {
        if (T.IsFinite(element) && !(T.IsZero(element) && T.IsNegative(element)))
        {
            Append(buffer, element, isFirst);
            return;
        }

        buffer.Write(isFirst ? ""u8 : ","u8);
        // "-0" is an integer to many parsers, and integers have no negative zero.
        buffer.Write(T.IsZero(element) ? "-0.0"u8
            : !names ? "null"u8
            : T.IsNaN(element) ? "\"NaN\""u8
            : T.IsNegative(element) ? "\"-Infinity\""u8 : "\"Infinity\""u8);
    }

    internal static void Append<T>(PooledBuffer buffer, T element, bool isFirst)
        where T : IUtf8SpanFormattable
    {
        Span<byte> span = buffer.GetSpan(MaxNumberBytes);
        int comma = isFirst ? 0 : 1;
        span[0] = (byte)',';
        element.TryFormat(span[comma..], out int written, default, CultureInfo.InvariantCulture);
        buffer.Advance(written + comma);
    }

    public static void WriteBinary(PooledBuffer buffer, Tensor tensor)
    {
        if (tensor.Texts is not { } texts)
        {
            buffer.Write(tensor.Data.Span);
            return;
        }

        foreach (ReadOnlySpan<byte> text in texts)
        {
            Span<byte> span = buffer.GetSpan(sizeof(uint) + text.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(span, (uint)text.Length);
            text.CopyTo(span[sizeof(uint)..]);
            buffer.Advance(sizeof(uint) + text.Length);
        }
    }
}
