using System.Text.Json;
using Modeldrop.Errors;
using Modeldrop.Tabular;

namespace Modeldrop.Wire.Mlflow;

/// <summary>Collects the columns of a request.</summary>
/// <param name="form">The member of the request that has the rows, for error messages.</param>
/// <param name="memory">Charged for the values, and owns their memory.</param>
internal sealed class RowColumns(string form, RequestMemory memory)
{
    /// <summary>About what the objects of a column take, beside its values.</summary>
    private const int ColumnBytes = 512;

    private readonly List<RowColumn> _columns = [];
    private readonly TextBlocks _texts = new(memory.AllocatePart);
    private int? _rows;

    /// <summary>Adds a column whose values are added later.</summary>
    public RowColumn Add(string name)
    {
        memory.Count(ColumnBytes + (sizeof(char) * name.Length));
        _columns.Add(new RowColumn(form, name, _texts));
        return _columns[^1];
    }

    /// <summary>Adds a column with its values.</summary>
    /// <param name="values">
    /// At the first token of an array with one element per row, or of a single value, which is one row; afterwards at its last one.
    /// </param>
    public void Add(string name, ref Utf8JsonReader values)
    {
        RowColumn column = Add(name);
        int rows = 0;
        if (values.TokenType != JsonTokenType.StartArray)
        {
            column.Add(rows++, ref values);
        }
        else
        {
            while (values.Read() && values.TokenType != JsonTokenType.EndArray)
            {
                column.Add(rows++, ref values);
            }
        }

        if (_rows is { } before && before != rows)
        {
            throw Invalid($"column '{name}' has {rows} rows, and the one before it {before}");
        }

        _rows = rows;
    }

    /// <param name="rows">The number of rows; null: all columns were added with their values.</param>
    public RowTable ToTable(int? rows = null)
    {
        int count = rows ?? _rows ?? 0;
        return _columns.DistinctBy(column => column.Name, StringComparer.Ordinal).Count() == _columns.Count
            ? new RowTable(new Table([.. _columns.Select(column => column.End(count))], count), memory)
            : throw Invalid("a column appears more than once");
    }

    private ServiceException Invalid(string problem) => new(ErrorCode.InvalidRequest, $"'{form}': {problem}.");
}
