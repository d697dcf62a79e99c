using System.Globalization;
using System.Text;
using Modeldrop.Tensors;

namespace Modeldrop.Scoring;

/// <summary>Encodes an inference response of the Open Inference Protocol in one pass.</summary>
/// <remarks>
/// Numbers are the shortest text that reads back as the same bits. NaN and the infinities are <c>null</c> in an answer: JSON has no numbers for
/// them, bare words break every strict parser, and clients take <c>null</c> in floats for NaN. Binary data and the record tell the three apart.
/// </remarks>
internal static class OipResponseWriter
{
    // ["\\u0000"]: six bytes a character, two quotes and a comma.
    private const int MaxBytesPerChar = 6;

    /// <returns>Bytes of JSON in front of the binary tensors; null when there are none.</returns>
    public static int? Write(PooledBuffer buffer, in InferResponse response)
    {
        buffer.Write("{\"model_name\":"u8);
        WriteString(buffer, response.ModelName);
        buffer.Write(",\"model_version\":\""u8);
        WriteNumber(buffer, response.ModelVersion);
        buffer.Write("\""u8);
        WriteMember(buffer, ",\"id\":"u8, response.Id);
        WriteParameters(buffer, in response);
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
                TensorWriter.WriteBinary(buffer, response.Outputs[i].Tensor);
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

    private static void WriteParameters(PooledBuffer buffer, in InferResponse response)
    {
        bool isFirst = true;
        WriteParameter(buffer, "\"prediction_id\":"u8, response.PredictionId, ref isFirst);
        WriteParameter(buffer, "\"alias\":"u8, response.Alias, ref isFirst);
        WriteParameter(buffer, "\"version_digest\":"u8, response.VersionDigest, ref isFirst);
        WriteParameter(buffer, "\"routing\":"u8, response.Routing, ref isFirst);
        buffer.Write(isFirst ? ""u8 : "}"u8);
    }

    private static void WriteParameter(PooledBuffer buffer, ReadOnlySpan<byte> name, string? value, ref bool isFirst)
    {
        if (value is not null)
        {
            buffer.Write(isFirst ? ",\"parameters\":{"u8 : ","u8);
            WriteMember(buffer, name, value);
            isFirst = false;
        }
    }

    /// <returns>Whether the elements go behind the JSON; an output without elements never does, because clients expect nothing there.</returns>
    /// <param name="names">As <see cref="TensorWriter.WriteJson"/> has it.</param>
    internal static bool WriteOutput(PooledBuffer buffer, OutputTensor output, bool names = false)
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
            WriteNumber(buffer, TensorWriter.BinaryBytes(tensor));
            buffer.Write("}}"u8);
            return true;
        }

        buffer.Write("],\"data\":["u8);
        TensorWriter.WriteJson(buffer, tensor, names);
        buffer.Write("]}"u8);
        return false;
    }

    private static void WriteNumber(PooledBuffer buffer, long number) => TensorWriter.Append(buffer, number, isFirst: true);
}
