using System.Text.Json;
using Modeldrop.Errors;
using Modeldrop.Tabular;

namespace Modeldrop.Wire.Mlflow;

/// <summary>Collects the columns of a request.</summary>
/// <param name="form">The member of the request that has the rows, for error messages.</param>
/// <param name="memory">Charged for the values, and owns their memory.</param>
internal sealed class RowColumns(string form, RequestMemory memory)
{
    private readonly List<RowColumn> _columns = [];
    private readonly TextBlocks _texts = new(memory.Rent);
    private int _rows;

    public RowTable ToTable() => _columns.Select(column => column.Name).Distinct(StringComparer.Ordinal).Count() == _columns.Count
        ? new RowTable(new Table([.. _columns.Select(column => column.End())], _rows), memory)
        : throw Invalid("a column appears more than once");

    /// <summary>Adds a column whose values are added later.</summary>
    public RowColumn Add(string name, int rows)
    {
        if (_columns.Count > 0 && rows != _rows)
        {
            throw Invalid($"column '{name}' has {rows} rows, and the one before it {_rows}");
        }

        _rows = rows;
        _columns.Add(new RowColumn(form, name, rows, _texts));
        return _columns[^1];
    }

    /// <param name="values">An array with one element per row; a single value is one row.</param>
    public void Add(string name, JsonElement values)
    {
        if (values.ValueKind != JsonValueKind.Array)
        {
            Add(name, 1).Add(0, values);
            return;
        }

        RowColumn column = Add(name, values.GetArrayLength());
        foreach ((int row, JsonElement value) in values.EnumerateArray().Index())
        {
            column.Add(row, value);
        }
    }

    private ServiceException Invalid(string problem) => new(ErrorCode.InvalidRequest, $"'{form}': {problem}.");
}
