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
            sum += OfElements(column, offsets[record], offsets[record + 1], SeedOf(column.Name));
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
            sum += OfElements(tensor, row * width, (row + 1) * width, SeedOf(tensor.Name));
        }

        return Mixed(sum);
    }

    /// <summary>A hash of some elements of a logged column; of the same elements of a tensor, it is the same.</summary>
    public static ulong OfElements(TensorColumn column, int start, int end, ulong seed)
    {
        if (column.Datatype != Datatype.Bytes)
        {
            int size = column.Datatype.ElementBytes();
            return Mixed(XxHash3.HashToUInt64(column.Values[(start * size)..(end * size)], (long)seed));
        }

        for (int element = start; element < end; element++)
        {
            seed = Mixed(XxHash3.HashToUInt64(column.TextAt(element), (long)seed));
        }

        return seed;
    }

    /// <summary>A hash of some elements of a tensor.</summary>
    public static ulong OfElements(Tensor tensor, int start, int end, ulong seed)
    {
        if (tensor.Strings is not { } strings)
        {
            int size = tensor.Datatype.ElementBytes();
            return Mixed(XxHash3.HashToUInt64(tensor.Data.Span[(start * size)..(end * size)], (long)seed));
        }

        for (int element = start; element < end; element++)
        {
            seed = Mixed(XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(strings[element]), (long)seed));
        }

        return seed;
    }

    private static ulong SeedOf(string name) => XxHash3.HashToUInt64(MemoryMarshal.AsBytes<char>(name));

    private static ulong Mixed(ulong value) => (value ^ (value >> 29)) * 0xBF58476D1CE4E5B9;
}
