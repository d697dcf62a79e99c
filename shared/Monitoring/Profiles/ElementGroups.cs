using Modeldrop.Tensors;

namespace Modeldrop.Monitoring.Profiles;

/// <summary>
/// Reduces a wide row to a few numbers: each element belongs to one group, with a sign, and a group's number is the sum of its elements.
/// </summary>
/// <remarks>
/// Source: Charikar, Chen and Farach-Colton, Finding frequent items in data streams (2002): a count sketch, which is a sparse random
/// projection (Li, Hastie and Church, Very sparse random projections, 2006). Rows are independent, so these numbers are independent from
/// row to row, unlike the elements of a row: each number is tested as a feature. Every element is in exactly one group, so every element is
/// tested: a shift of all elements by one deviation moves a group of d by about √d of its √d deviations, a shift of one element by 1/√d.
/// Groups and signs depend only on the element's position. If a row has a NaN, its group's number is NaN.
/// </remarks>
internal sealed class ElementGroups
{
    public const int Count = 32;

    private readonly int _width;
    private readonly byte[] _groups;
    private readonly sbyte[] _signs;

    public ElementGroups(int width)
    {
        _width = width;
        _groups = new byte[width];
        _signs = new sbyte[width];
        for (int element = 0; element < width; element++)
        {
            ulong mixed = Mix((ulong)element);
            _groups[element] = (byte)(mixed % Count);
            _signs[element] = (sbyte)((mixed >> 40 & 1) == 0 ? -1 : 1);
        }
    }

    /// <returns>The sums, by group, then by row.</returns>
    public double[][] SumsOf(Datatype datatype, ReadOnlySpan<byte> bytes, int start, int rows)
    {
        double[][] sums = [.. Enumerable.Range(0, Count).Select(_ => new double[rows])];
        double[] row = new double[_width];
        for (int index = 0; index < rows; index++)
        {
            Elements.ToDoubles(datatype, bytes, start + (index * _width), 1, row);
            for (int element = 0; element < _width; element++)
            {
                sums[_groups[element]][index] += _signs[element] * row[element];
            }
        }

        return sums;
    }

    /// <summary>SplitMix64.</summary>
    private static ulong Mix(ulong value)
    {
        value = (value + 1) * 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
