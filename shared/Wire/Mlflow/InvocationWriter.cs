using Microsoft.AspNetCore.Http;
using Modeldrop.Tensors;

namespace Modeldrop.Wire.Mlflow;

/// <summary>
/// Writes the answers of MLflow's scoring protocol. NaN is <c>null</c>, which data frame libraries read back as NaN; a bare NaN would break
/// every strict parser.
/// </summary>
internal static class InvocationWriter
{
    /// <summary>
    /// <c>{"predictions": …}</c>: for a data frame, a list with one record per row. Otherwise, and when an output does not have a value for
    /// each row, an object with the outputs as nested arrays.
    /// </summary>
    public static void Write(PooledBuffer buffer, Signature signature, ScoredRows scored, bool isFrame)
    {
        IReadOnlyList<Tensor> outputs = scored.Outputs;
        buffer.Write("{\"predictions\":"u8);
        if (isFrame && scored.Inputs is [{ Shape: [var rows, ..] }, ..] && HaveRows(signature, outputs, rows))
        {
            buffer.Write("["u8);
            for (int row = 0; row < rows; row++)
            {
                buffer.Write(row == 0 ? ""u8 : ","u8);
                WriteObject(buffer, outputs, row);
            }

            buffer.Write("]"u8);
        }
        else
        {
            WriteObject(buffer, outputs, row: null);
        }

        buffer.Write("}"u8);
    }

    /// <summary><c>{"error_code", "message"}</c>.</summary>
    public static void WriteError(PooledBuffer buffer, int status, string message)
    {
        buffer.Write("{\"error_code\":"u8);
        JsonText.Write(buffer, status switch
        {
            StatusCodes.Status401Unauthorized => "UNAUTHENTICATED",
            StatusCodes.Status403Forbidden => "PERMISSION_DENIED",
            StatusCodes.Status429TooManyRequests => "REQUEST_LIMIT_EXCEEDED",
            StatusCodes.Status404NotFound => "RESOURCE_DOES_NOT_EXIST",
            StatusCodes.Status503ServiceUnavailable => "TEMPORARILY_UNAVAILABLE",
            >= 500 => "INTERNAL_ERROR",
            _ => "BAD_REQUEST",
        });
        buffer.Write(",\"message\":"u8);
        JsonText.Write(buffer, message);
        buffer.Write("}"u8);
    }

    private static bool HaveRows(Signature signature, IReadOnlyList<Tensor> outputs, long rows)
    {
        for (int i = 0; i < outputs.Count; i++)
        {
            if (signature.Outputs[i].Sequence || outputs[i].Shape.Length == 0 || outputs[i].Shape[0] != rows)
            {
                return false;
            }
        }

        return true;
    }

    private static void WriteObject(PooledBuffer buffer, IReadOnlyList<Tensor> outputs, int? row)
    {
        for (int i = 0; i < outputs.Count; i++)
        {
            buffer.Write(i == 0 ? "{"u8 : ","u8);
            JsonText.Write(buffer, outputs[i].Name);
            buffer.Write(":"u8);
            ReadOnlySpan<long> shape = outputs[i].Shape;
            if (row is { } index)
            {
                ReadOnlySpan<long> ofRow = shape[1..];
                // [N,1] is a column of a frame like [N]: one value per row.
                WriteNested(buffer, outputs[i], index * (int)Tensor.CountOf(ofRow), ofRow is [1] ? [] : ofRow);
            }
            else
            {
                WriteNested(buffer, outputs[i], 0, shape);
            }
        }

        buffer.Write("}"u8);
    }

    /// <param name="start">The first element to write.</param>
    /// <param name="shape">The shape of what is written.</param>
    private static void WriteNested(PooledBuffer buffer, Tensor tensor, int start, ReadOnlySpan<long> shape)
    {
        if (shape.IsEmpty)
        {
            TensorWriter.WriteJson(buffer, tensor, start, 1);
            return;
        }

        buffer.Write("["u8);
        if (shape.Length == 1)
        {
            TensorWriter.WriteJson(buffer, tensor, start, (int)shape[0]);
        }
        else
        {
            int elements = (int)Tensor.CountOf(shape[1..]);
            for (int i = 0; i < shape[0]; i++)
            {
                buffer.Write(i == 0 ? ""u8 : ","u8);
                WriteNested(buffer, tensor, start + (i * elements), shape[1..]);
            }
        }

        buffer.Write("]"u8);
    }
}
