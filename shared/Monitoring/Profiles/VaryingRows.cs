using System.Runtime.InteropServices;
using Modeldrop.Predictions;
using Modeldrop.Tensors;

namespace Modeldrop.Monitoring.Profiles;

/// <summary>Takes one value from each row of a tensor whose width varies.</summary>
/// <remarks>
/// The elements of a row depend on each other, so a row contributes one element: over many rows, such elements have the distribution of all
/// values, each row with the same weight. The hash of the row's elements chooses it. So the same row always gives the same element, in the
/// reference as in the log.
/// </remarks>
internal static class VaryingRows
{
    /// <summary>Elements per row; 0 without rows.</summary>
    public static int WidthOf(long elements, long rows) => rows == 0 ? 0 : checked((int)(elements / rows));

    /// <summary>Position of a row's element among those of a logged column.</summary>
    /// <param name="start">The row's first element.</param>
    public static int ElementOf(TensorColumn column, int start, int width) =>
        start + Position(InputKey.OfElements(column, start, start + width, 0), width);

    /// <summary>The values of a feature, in a tensor with one column. Rows without elements have none.</summary>
    public static Tensor ValuesOf(Tensor tensor, Feature feature)
    {
        int rows = checked((int)tensor.Shape[0]);
        int width = WidthOf(tensor.Count, rows);
        if (feature.Row == RowValue.Width)
        {
            byte[] widths = new byte[rows * sizeof(long)];
            MemoryMarshal.Cast<byte, long>(widths.AsSpan()).Fill(width);
            return Tensor.OfBytes(tensor.Name, Datatype.Int64, [rows, 1], widths);
        }

        if (width == 0)
        {
            return tensor.WithShape([0, 1]);
        }

        int[] elements = [.. Enumerable.Range(0, rows).Select(row => row * width)
            .Select(start => start + Position(InputKey.OfElements(tensor, start, start + width, 0), width))];
        return CategoryBins.Rows(tensor.WithShape([tensor.Count, 1]), elements);
    }

    private static int Position(ulong hash, int width) => (int)Math.BigMul(hash, (ulong)width, out _);
}
