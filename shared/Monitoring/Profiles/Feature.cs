using System.Text.Json.Serialization;
using Modeldrop.Tensors;

namespace Modeldrop.Monitoring.Profiles;

/// <summary>
/// What is counted on its own: a tensor with one element a row, one column of a wider one, or all elements of a very wide one.
/// </summary>
/// <param name="Name">The column's, as in the data files: the tensor's name, of a wide one <c>&lt;name&gt;_0</c>, <c>&lt;name&gt;_1</c>…,
/// or the version's own (<see cref="TensorSpec.Columns"/>).</param>
/// <param name="IsOutput">An output may have an input's name.</param>
/// <param name="Column">In the row, counted from 0; -1: all elements together.</param>
/// <param name="Width">Elements of a row; -1 when it varies.</param>
/// <param name="Groups">Above 0: the sum of one of so many groups of the elements (<see cref="ElementGroups"/>), <paramref name="Column"/>
/// is its number.</param>
/// <param name="Slice">Counted over the rows of that group of <see cref="ReferenceProfile.Slices"/>; -1: over all rows.</param>
public sealed record Feature(string Name, bool IsOutput, string Tensor, int Column, int Width, int Groups = 0, int Slice = -1)
{
    /// <summary>Elements of a row up to which the groups of a row are counted: 10 million.</summary>
    private const long MaxGrouped = 10_000_000;

    /// <summary>All elements of a row are counted together; they depend on each other, so there is no test of them.</summary>
    [JsonIgnore]
    public bool IsSummary => Column < 0;

    /// <summary>The features of a tensor.</summary>
    /// <param name="shape">Its own, or that of its signature with -1 for what varies; the first dimension counts rows.</param>
    /// <param name="maxColumns">A wider row becomes a single summary.</param>
    /// <param name="spec">Where it names its columns; null: it does not.</param>
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

    /// <summary>Elements of a row: the product of all dimensions but the first; -1 when one of them varies.</summary>
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
