using Modeldrop.Tensors;

namespace Modeldrop.Wire.OpenInference;

/// <summary>Encodes an inference response of the Open Inference Protocol in one pass.</summary>
/// <remarks>
/// A number is written as the shortest text that reads back as the same bits. NaN and the infinities are <c>null</c> in an answer: JSON
/// cannot express them, bare words break every strict parser, and clients read <c>null</c> in floats as NaN. Binary data and logged records
/// distinguish the three.
/// </remarks>
internal static class OipResponseWriter
{
    /// <returns>Bytes of JSON before the binary tensors; null when there are none.</returns>
    public static int? Write(PooledBuffer buffer, in InferResponse response)
    {
        buffer.Write("{\"model_name\":"u8);
        JsonText.Write(buffer, response.ModelName);
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

    private static void WriteMember(PooledBuffer buffer, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            buffer.Write(name);
            JsonText.Write(buffer, value);
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

    /// <returns>
    /// Whether the elements follow after the JSON. An output without elements has none there, because clients expect none.
    /// </returns>
    /// <param name="names">See <see cref="TensorWriter.WriteJson(PooledBuffer, Tensor, bool)"/>.</param>
    internal static bool WriteOutput(PooledBuffer buffer, OutputTensor output, bool names = false)
    {
        Tensor tensor = output.Tensor;
        buffer.Write("{\"name\":"u8);
        JsonText.Write(buffer, tensor.Name);
        buffer.Write(",\"datatype\":"u8);
        JsonText.Write(buffer, tensor.Datatype.ProtocolName());
        buffer.Write(",\"shape\":["u8);
        for (int i = 0; i < tensor.Shape.Length; i++)
        {
            buffer.Write(i == 0 ? ""u8 : ","u8);
            WriteNumber(buffer, tensor.Shape[i]);
        }

        if (output.Binary && tensor.Count > 0)
        {
            buffer.Write("],\"parameters\":{\"binary_data_size\":"u8);
            WriteNumber(buffer, tensor.Bytes);
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
