using Modeldrop.Errors;
using Modeldrop.Tabular;
using Modeldrop.Tensors;

namespace Modeldrop.Wire.Mlflow;

/// <summary>The rows of a request.</summary>
/// <param name="Memory">Owns the values, and their tensors.</param>
internal sealed record RowTable(Table Table, RequestMemory Memory)
{
    /// <summary>The same rows; the column without a name gets this one.</summary>
    public RowTable Named(string name) => this with
    {
        Table = new Table([.. Table.Columns.Select(column => column.Name.Length > 0 ? column : column with { Name = name })], Table.Rows),
    };

    /// <summary>The arrays that do not have the shape of their input.</summary>
    public ViolationList Violations(Signature signature)
    {
        var violations = new ViolationList();
        foreach ((string name, long[]? row) in Table.Columns.Select(column => (column.Name, column.Row)))
        {
            if (row is not null && signature.FindInput(name) is { Shape.Count: > 0 } input && !Fits(input, row))
            {
                string variable = input.Shape.Contains(-1) ? " (-1: any)" : "";
                violations.Add(
                    $"Input '{name}' has shape [{string.Join(",", [Table.Rows, .. row])}]; the model takes {input.ShapeText}{variable}.");
            }
        }

        return violations;
    }

    /// <summary>Either the shape itself, or the same number of elements in one dimension.</summary>
    private static bool Fits(TensorSpec input, long[] row) =>
        (row.Length == input.Shape.Count - 1 && row.Zip(input.Shape.Skip(1)).All(pair => pair.Second < 0 || pair.First == pair.Second))
        || (row.Length == 1 && row[0] == input.RowElements);
}
