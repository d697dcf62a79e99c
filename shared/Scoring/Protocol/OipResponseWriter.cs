using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Modeldrop.Tensors;

namespace Modeldrop.Scoring;

/// <summary>Encodes an inference response of the Open Inference Protocol in one pass.</summary>
/// <remarks>
/// Numbers are the shortest text that reads back as the same bits. NaN and the infinities are <c>null</c>: JSON has no numbers for them,
/// bare words break every strict parser, and clients take <c>null</c> in floats for NaN. Who must tell the three apart asks for binary data.
/// </remarks>
internal static class OipResponseWriter
{
    // Longest number: -1.7976931348623157E+308 and a comma.
    private const int MaxNumberBytes = 32;

    // ["\\u0000"]: six bytes a character, two quotes and a comma.
    private const int MaxBytesPerChar = 6;

    /// <returns>Bytes of JSON in front of the binary tensors; null when there are none.</returns>
    public static int? Write(PooledBuffer buffer, InferResponse response)
    {
        buffer.Write("{\"model_name\":"u8);
        WriteString(buffer, response.ModelName);
        buffer.Write(",\"model_version\":\""u8);
        WriteNumber(buffer, response.ModelVersion);
        buffer.Write("\""u8);
        WriteMember(buffer, ",\"id\":"u8, response.Id);
        WriteParameters(buffer, response);
        buffer.Write(",\"outputs\":["u8);

        bool anyBinary = false;
        for (int i = 0; i < response.Outputs.Count; i++)
        {
            buffer.Write(i == 0 ? ""u8 : ","u8);
            anyBinary |= WriteOutput(buffer, response.Outputs[i]);
        }

        buffer.Write("]}"u8);
        if (!anyBinary)
        {
            return null;
        }

        int jsonBytes = buffer.Length;
        for (int i = 0; i < response.Outputs.Count; i++)
        {
            if (response.Outputs[i].Binary)
            {
                WriteBinary(buffer, response.Outputs[i].Tensor);
            }
        }

        return jsonBytes;
    }

    internal static void WriteString(PooledBuffer buffer, ReadOnlySpan<char> text)
    {
        Span<byte> span = buffer.GetSpan(checked((text.Length * MaxBytesPerChar) + 2));
        int written = 0;
        span[written++] = (byte)'"';
        while (!text.IsEmpty)
        {
            int plain = text.IndexOfAny(Escaped);
            plain = plain < 0 ? text.Length : plain;
            // Half a surrogate pair becomes U+FFFD: what is sent is always Unicode.
            written += Encoding.UTF8.GetBytes(text[..plain], span[written..]);
            if (plain == text.Length)
            {
                break;
            }

            written += WriteEscape(text[plain], span[written..]);
            text = text[(plain + 1)..];
        }

        span[written++] = (byte)'"';
        buffer.Advance(written);
    }

    private static readonly System.Buffers.SearchValues<char> Escaped =
        System.Buffers.SearchValues.Create(['"', '\\', .. Enumerable.Range(0, 0x20).Select(control => (char)control)]);

    private static int WriteEscape(char character, Span<byte> span)
    {
        span[0] = (byte)'\\';
        if (character is '"' or '\\')
        {
            span[1] = (byte)character;
            return 2;
        }

        "u00"u8.CopyTo(span[1..]);
        ((int)character).TryFormat(span[4..], out _, "x2", CultureInfo.InvariantCulture);
        return 6;
    }

    private static void WriteMember(PooledBuffer buffer, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            buffer.Write(name);
            WriteString(buffer, value);
        }
    }

    private static void WriteParameters(PooledBuffer buffer, InferResponse response)
    {
        if (response.PredictionId is null && response.Alias is null)
        {
            return;
        }

        buffer.Write(",\"parameters\":{"u8);
        WriteMember(buffer, "\"prediction_id\":"u8, response.PredictionId);
        buffer.Write(response.PredictionId is null || response.Alias is null ? ""u8 : ","u8);
        WriteMember(buffer, "\"alias\":"u8, response.Alias);
        buffer.Write("}"u8);
    }

    /// <returns>Whether the elements go behind the JSON; an output without elements never does, because clients expect nothing there.</returns>
    internal static bool WriteOutput(PooledBuffer buffer, OutputTensor output)
    {
        Tensor tensor = output.Tensor;
        buffer.Write("{\"name\":"u8);
        WriteString(buffer, tensor.Name);
        buffer.Write(",\"datatype\":"u8);
        WriteString(buffer, tensor.Datatype.ProtocolName());
        buffer.Write(",\"shape\":["u8);
        for (int i = 0; i < tensor.Shape.Length; i++)
        {
            buffer.Write(i == 0 ? ""u8 : ","u8);
            WriteNumber(buffer, tensor.Shape[i]);
        }

        if (output.Binary && tensor.Count > 0)
        {
            buffer.Write("],\"parameters\":{\"binary_data_size\":"u8);
            WriteNumber(buffer, BinaryBytes(tensor));
            buffer.Write("}}"u8);
            return true;
        }

        buffer.Write("],\"data\":["u8);
        WriteData(buffer, tensor);
        buffer.Write("]}"u8);
        return false;
    }

    private static void WriteData(PooledBuffer buffer, Tensor tensor)
    {
        ReadOnlySpan<byte> data = tensor.Data.Span;
        switch (tensor.Datatype)
        {
            case Datatype.Bytes:
                WriteStrings(buffer, tensor.Strings!);
                break;
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
                WriteFloats<Half>(buffer, data);
                break;
            case Datatype.Bf16:
                WriteBrainFloats(buffer, data);
                break;
            case Datatype.Fp32:
                WriteFloats<float>(buffer, data);
                break;
            default:
                WriteFloats<double>(buffer, data);
                break;
        }
    }

    private static void WriteStrings(PooledBuffer buffer, string[] strings)
    {
        for (int i = 0; i < strings.Length; i++)
        {
            buffer.Write(i == 0 ? ""u8 : ","u8);
            WriteString(buffer, strings[i]);
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

    private static void WriteFloats<T>(PooledBuffer buffer, ReadOnlySpan<byte> data)
        where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>
    {
        ReadOnlySpan<T> elements = MemoryMarshal.Cast<byte, T>(data);
        for (int i = 0; i < elements.Length; i++)
        {
            AppendFloat(buffer, elements[i], isFirst: i == 0);
        }
    }

    private static void WriteBrainFloats(PooledBuffer buffer, ReadOnlySpan<byte> data)
    {
        ReadOnlySpan<ushort> elements = MemoryMarshal.Cast<byte, ushort>(data);
        for (int i = 0; i < elements.Length; i++)
        {
            AppendFloat(buffer, BitConverter.UInt32BitsToSingle((uint)elements[i] << 16), isFirst: i == 0);
        }
    }

    private static void AppendFloat<T>(PooledBuffer buffer, T element, bool isFirst)
        where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>
    {
        if (T.IsFinite(element))
        {
            Append(buffer, element, isFirst);
        }
        else
        {
            buffer.Write(isFirst ? "null"u8 : ",null"u8);
        }
    }

    private static void Append<T>(PooledBuffer buffer, T element, bool isFirst)
        where T : IUtf8SpanFormattable
    {
        Span<byte> span = buffer.GetSpan(MaxNumberBytes);
        int comma = isFirst ? 0 : 1;
        span[0] = (byte)',';
        element.TryFormat(span[comma..], out int written, default, CultureInfo.InvariantCulture);
        buffer.Advance(written + comma);
    }

    private static void WriteNumber(PooledBuffer buffer, long number) => Append(buffer, number, isFirst: true);

    private static long BinaryBytes(Tensor tensor)
    {
        if (tensor.Strings is not { } strings)
        {
            return tensor.Data.Length;
        }

        long bytes = 0;
        foreach (string text in strings)
        {
            bytes += sizeof(uint) + Encoding.UTF8.GetByteCount(text);
        }

        return bytes;
    }

    private static void WriteBinary(PooledBuffer buffer, Tensor tensor)
    {
        if (tensor.Strings is not { } strings)
        {
            buffer.Write(tensor.Data.Span);
            return;
        }

        foreach (string text in strings)
        {
            int length = Encoding.UTF8.GetByteCount(text);
            Span<byte> span = buffer.GetSpan(sizeof(uint) + length);
            BinaryPrimitives.WriteUInt32LittleEndian(span, (uint)length);
            Encoding.UTF8.GetBytes(text, span[sizeof(uint)..]);
            buffer.Advance(sizeof(uint) + length);
        }
    }
}
