using Modeldrop.Tensors;

namespace Modeldrop.Tabular;

/// <summary>Rows as model inputs.</summary>
/// <param name="Inputs">
/// One tensor <c>[rows, …]</c> for each input of the signature, except optional inputs without columns. An element with a violation is
/// zero.
/// </param>
/// <param name="Scalars">
/// Names of the <paramref name="Inputs"/> that the model takes without dimensions. Here they have one value per row.
/// </param>
/// <param name="Violations">The first violations, up to the requested number, in the order of rows.</param>
/// <param name="ViolationCount">The number of all violations.</param>
/// <param name="Kept">The rows in <paramref name="Inputs"/>, counted from 0 in the table.</param>
/// <param name="Gaps">For each column, the number of rows left out because the column has no value there.</param>
public sealed record MappedRows(
    IReadOnlyList<Tensor> Inputs, IReadOnlyList<string> Scalars, IReadOnlyList<CellViolation> Violations, long ViolationCount,
    IReadOnlyList<int> Kept, IReadOnlyDictionary<string, int> Gaps)
{
    /// <summary>Scalars whose value is not the same in all rows.</summary>
    public IEnumerable<string> VaryingScalars => Scalars.Where(name => Together(name, 0, Kept.Count) < Kept.Count);

    /// <summary>The number of consecutive rows with the same scalars, which can share a run.</summary>
    public int Together(int first, int most) => Scalars.Aggregate(most, (least, name) => Together(name, first, least));

    /// <summary>The inputs of a run over some rows, which share their scalars.</summary>
    public IReadOnlyList<Tensor> Slice(int first, int count) => [.. Inputs.Select(
        input => Scalars.Contains(input.Name) ? input.RowsOf(first, 1).WithShape([]) : input.RowsOf(first, count))];

    private int Together(string scalar, int first, int most)
    {
        Tensor values = Inputs.First(input => input.Name == scalar);
        int size = values.Datatype.ElementBytes();
        bool IsSame(int row) => values.Strings is { } texts ? texts[row] == texts[first]
            : values.Data.Span.Slice(row * size, size).SequenceEqual(values.Data.Span.Slice(first * size, size));
        int count = Math.Min(1, most);
        while (count < most && IsSame(first + count))
        {
            count++;
        }

        return count;
    }
}
