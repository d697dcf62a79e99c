using System.Runtime.InteropServices;
using Modeldrop.Tensors;

namespace Modeldrop.Probe.Child;

/// <summary>Finds rows that contain NaN.</summary>
internal static class RowNaNs
{
    /// <summary>Counts rows with NaN in the outputs but not in the inputs.</summary>
    public static int CountNew(IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor> outputs, int rows)
    {
        bool[] odd = Find(inputs, rows);
        bool[] answered = Find(outputs, rows);
        return Enumerable.Range(0, rows).Count(row => answered[row] && !odd[row]);
    }

    /// <summary>For each row, whether one of its numbers is NaN.</summary>
    public static bool[] Find(IReadOnlyList<Tensor> tensors, int rows)
    {
        var found = new bool[rows];
        foreach (Tensor tensor in tensors.Where(tensor => tensor.Shape.Length > 0 && tensor.Shape[0] == rows && rows > 0))
        {
            int width = (int)(tensor.Count / rows);
            for (int row = 0; row < rows; row++)
            {
                found[row] |= HasNaN(tensor, row * width, width);
            }
        }

        return found;
    }

    private static bool HasNaN(Tensor tensor, int start, int count)
    {
        int bytes = tensor.Datatype.ElementBytes();
        ReadOnlySpan<byte> data = tensor.Strings is null ? tensor.Data.Span.Slice(start * bytes, count * bytes) : default;
        return tensor.Datatype switch
        {
            Datatype.Fp64 => MemoryMarshal.Cast<byte, double>(data)
                .ContainsAnyExceptInRange(double.NegativeInfinity, double.PositiveInfinity),
            Datatype.Fp32 => MemoryMarshal.Cast<byte, float>(data).ContainsAnyExceptInRange(float.NegativeInfinity, float.PositiveInfinity),
            Datatype.Fp16 => MemoryMarshal.Cast<byte, Half>(data).ContainsAnyExceptInRange(Half.NegativeInfinity, Half.PositiveInfinity),
            _ => false,
        };
    }
}
