using System.Text.Json.Serialization;
using Modeldrop.Tensors;

namespace Modeldrop.Monitoring.Profiles;

/// <summary>
/// A unit that is counted separately: a tensor with one element per row, one column of a wider tensor, or all elements of a very wide one.
/// </summary>
/// <param name="Name">
/// Column name as in the data files: the tensor's name; for a wide tensor <c>&lt;name&gt;_0</c>, <c>&lt;name&gt;_1</c>…, or the version's
/// own names (<see cref="TensorSpec.Columns"/>).
/// </param>
/// <param name="IsOutput">An output may have the same name as an input.</param>
/// <param name="Column">Position in the row, from 0; -1: all elements together.</param>
/// <param name="Width">Elements per row; -1 when it varies.</param>
/// <param name="Groups">
/// Above 0: the feature is the sum of one of this many groups of elements (<see cref="ElementGroups"/>), and <paramref name="Column"/> is
/// the group's number.
/// </param>
/// <param name="Slice">
/// The feature is counted over the rows of this group of <see cref="ReferenceProfile.Slices"/>; -1: over all rows.
/// </param>
public sealed record Feature(string Name, bool IsOutput, string Tensor, int Column, int Width, int Groups = 0, int Slice = -1)
{
    /// <summary>Maximum number of elements per row for which groups are counted: 10 million.</summary>
    private const long MaxGrouped = 10_000_000;

    /// <summary>Whether all elements of a row are counted together. They depend on each other, so the feature is not tested.</summary>
    [JsonIgnore]
    public bool IsSummary => Column < 0;

    /// <summary>The features of a tensor.</summary>
    /// <param name="shape">
    /// The tensor's shape, or that of its signature with -1 for variable dimensions. The first dimension counts rows.
    /// </param>
    /// <param name="maxColumns">A wider row becomes one summary.</param>
    /// <param name="spec">May name the tensor's columns; null: it does not.</param>
    public static IReadOnlyList<Feature> Of(string tensor, bool isOutput, ReadOnlySpan<long> shape, int maxColumns, TensorSpec? spec = null)
    {
        spec ??= new TensorSpec(tensor, default, []);
        long width = WidthOf(shape);
        return width switch
        {
            1 => [new Feature(spec.Columns is [var own] ? own : tensor, isOutput, tensor, 0, 1)],
            0 => [],
            < 0 or > MaxGrouped => [new Feature(tensor, isOutput, tensor, -1, width is < 0 or > int.MaxValue ? -1 : (int)width)],
            _ when width > maxColumns =>
            [
                new Feature(tensor, isOutput, tensor, -1, (int)width),
                .. Enumerable.Range(0, ElementGroups.Count)
                    .Select(group => new Feature($"{tensor}~{group}", isOutput, tensor, group, (int)width, ElementGroups.Count)),
            ],
            _ => [.. Enumerable.Range(0, (int)width)
                .Select(column => new Feature(spec.ColumnName(column), isOutput, tensor, column, (int)width))],
        };
    }

    /// <summary>Elements per row: the product of all dimensions except the first; -1 when one of them varies.</summary>
    internal static long WidthOf(ReadOnlySpan<long> shape)
    {
        long width = 1;
        for (int dimension = 1; dimension < shape.Length; dimension++)
        {
            if (shape[dimension] < 0)
            {
                return -1;
            }

            width *= shape[dimension];
        }

        return width;
    }
}
