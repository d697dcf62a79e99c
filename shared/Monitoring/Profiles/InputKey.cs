using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using Modeldrop.Predictions;
using Modeldrop.Tensors;

namespace Modeldrop.Monitoring.Profiles;

/// <summary>
/// A hash of all inputs of a request. It does not depend on their order, nor on whether they come from the log or from a file.
/// </summary>
internal static class InputKey
{
    /// <summary>The key of a logged record.</summary>
    public static ulong Of(PackColumns columns, int record)
    {
        ulong sum = 0;
        for (int input = 0; input < columns.Inputs.Count; input++)
        {
            TensorColumn column = columns.Inputs[input];
            ReadOnlySpan<int> offsets = column.Offsets;
            (int start, int end) = (offsets[record], offsets[record + 1]);
            ulong key = SeedOf(column.Name);
            if (column.Datatype != Datatype.Bytes)
            {
                int size = column.Datatype.ElementBytes();
                key = Mixed(XxHash3.HashToUInt64(column.Values[(start * size)..(end * size)], (long)key));
            }
            else
            {
                for (int element = start; element < end; element++)
                {
                    key = Mixed(XxHash3.HashToUInt64(column.TextAt(element), (long)key));
                }
            }

            sum += key;
        }

        return Mixed(sum);
    }

    /// <summary>The key of a row of reference data, as if it were a request.</summary>
    public static ulong Of(IReadOnlyList<Tensor> inputs, int row)
    {
        ulong sum = 0;
        foreach (Tensor tensor in inputs)
        {
            int width = checked((int)(tensor.Count / Math.Max(1, tensor.Shape[0])));
            ulong key = SeedOf(tensor.Name);
            if (tensor.Strings is { } strings)
            {
                for (int element = row * width; element < (row + 1) * width; element++)
                {
                    key = Mixed(XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(strings[element]), (long)key));
                }
            }
            else
            {
                int size = width * tensor.Datatype.ElementBytes();
                key = Mixed(XxHash3.HashToUInt64(tensor.Data.Span.Slice(row * size, size), (long)key));
            }

            sum += key;
        }

        return Mixed(sum);
    }

    private static ulong SeedOf(string name) => XxHash3.HashToUInt64(MemoryMarshal.AsBytes<char>(name));

    private static ulong Mixed(ulong value) => (value ^ (value >> 29)) * 0xBF58476D1CE4E5B9;
}
