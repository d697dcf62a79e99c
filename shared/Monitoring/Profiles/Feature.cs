using System.Text.Json;
using System.Text.Json.Serialization;
using Modeldrop.Tensors;

namespace Modeldrop.Monitoring.Profiles;

/// <summary>
/// What is counted of a row whose width varies: one value per row, because rows are independent, unlike the elements of a row.
/// </summary>
public enum RowValue
{
    /// <summary>
    /// One element of the row. The row's own content determines its position, evenly among all (<see cref="VaryingRows"/>).
    /// </summary>
    Element,

    /// <summary>The number of elements in the row.</summary>
    Width,
}

/// <summary>
/// A unit that is counted separately: a tensor with one element per row, one column of a wider tensor, all elements of a very wide one, or
/// one value of each row if the width varies.
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
/// <param name="Row">
/// Set if the width varies. <paramref name="Column"/> then only distinguishes the features of the tensor. Null: the width is fixed.
/// </param>
/// <param name="Slice">
/// The feature is counted over the rows of this group of <see cref="ReferenceProfile.Slices"/>; -1: over all rows.
/// </param>
public sealed record Feature(
    string Name, bool IsOutput, string Tensor, int Column, int Width, int Groups = 0, int Slice = -1,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] RowValue? Row = null)
{
    /// <summary>
    /// Maximum number of elements per row for which groups are counted: 10 million. Wider rows are treated as varying ones.
    /// </summary>
    private const long MaxGrouped = 10_000_000;

    /// <summary>Whether all elements of a row are counted together. They depend on each other, so the feature is not tested.</summary>
    [JsonIgnore]
    public bool IsSummary => Column < 0;

    /// <summary>Elements from one value of the feature to the next in a tensor that holds its values.</summary>
    [JsonIgnore]
    internal int Stride => IsSummary || Row is not null ? 1 : Width;

    /// <summary>Position of the feature's first value in a tensor that holds its values.</summary>
    [JsonIgnore]
    internal int Start => IsSummary || Row is not null ? 0 : Column;

    /// <summary>The features of a tensor whose rows have different widths.</summary>
    public static IReadOnlyList<Feature> OfVarying(string tensor, bool isOutput) =>
        [.. Enum.GetValues<RowValue>().Select(value => new Feature(
            $"{tensor}~{JsonNamingPolicy.CamelCase.ConvertName(value.ToString())}", isOutput, tensor, (int)value, -1, Row: value))];

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
            < 0 or > MaxGrouped => OfVarying(tensor, isOutput),
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
