using System.Text.Json;
using System.Text.Unicode;
using Modeldrop.Errors;
using Modeldrop.Tabular;

namespace Modeldrop.Wire.Mlflow;

/// <summary>
/// Collects the values of a column, row by row. The first row determines whether they are single values or arrays of a shape.
/// </summary>
/// <param name="form">The member of the request that has the rows, for error messages.</param>
internal sealed class RowColumn(string form, string name, TextBlocks texts)
{
    private readonly TextColumn _cells = new(texts);
    private long[]? _shape;
    private long _width = 1;
    private int _rows;

    public string Name => name;

    /// <param name="row">Counted from 0, ascending. Earlier rows without a value lack it; the last value of a row counts.</param>
    /// <param name="value">At the value's first token; afterwards at its last one.</param>
    public void Add(int row, ref Utf8JsonReader value)
    {
        FillTo(row);
        if (row < _rows)
        {
            _cells.Cut((int)(row * _width));
            _shape = row == 0 ? null : _shape;
        }

        if (_shape is null)
        {
            _shape = ShapeOf(value);
            _width = _shape.Aggregate(1L, (product, length) => product * length);
        }

        Append(row, ref value, depth: 0);
        _rows = row + 1;
    }

    /// <param name="rows">The number of rows; the last ones may lack a value.</param>
    public TableColumn End(int rows)
    {
        FillTo(rows);
        return new TableColumn(name, _cells) { Row = _shape is { Length: > 0 } ? _shape : null };
    }

    private void FillTo(int rows)
    {
        for (; _rows < rows; _rows++)
        {
            _shape ??= [];
            if (_shape.Length > 0)
            {
                throw NotOfShape(_rows);
            }

            _cells.AddMissing();
        }
    }

    private void Append(int row, ref Utf8JsonReader value, int depth)
    {
        bool isArray = value.TokenType == JsonTokenType.StartArray;
        if (isArray != depth < _shape!.Length)
        {
            throw NotOfShape(row);
        }

        if (!isArray)
        {
            AppendCell(row, ref value);
            return;
        }

        long count = 0;
        while (value.Read() && value.TokenType != JsonTokenType.EndArray && count++ < _shape[depth])
        {
            Append(row, ref value, depth + 1);
        }

        if (count != _shape[depth])
        {
            throw NotOfShape(row);
        }
    }

    private void AppendCell(int row, ref Utf8JsonReader value)
    {
        switch (value.TokenType)
        {
            case JsonTokenType.Number:
            case JsonTokenType.String when !value.ValueIsEscaped && Utf8.IsValid(value.ValueSpan):
                _cells.Add(value.ValueSpan);
                break;
            case JsonTokenType.String:
                _cells.Add(InvocationJson.TextOf(ref value));
                break;
            case JsonTokenType.True or JsonTokenType.False:
                _cells.Add(CellText.Of(value.GetBoolean()));
                break;
            case JsonTokenType.Null:
                _cells.AddMissing();
                break;
            default:
                throw Invalid($"column '{name}', row {row + 1} is an object");
        }
    }

    /// <summary>The lengths of an array and of the first array in it, and so on; reads each token once.</summary>
    private static long[] ShapeOf(Utf8JsonReader value)
    {
        List<long> shape = [];
        for (; value.TokenType == JsonTokenType.StartArray; value.Read())
        {
            shape.Add(0);
        }

        // At the first element of the innermost array, or at its end if it is empty; then at the end of the first element of the next one.
        int depth = value.TokenType == JsonTokenType.EndArray ? shape.Count - 2 : shape.Count - 1;
        for (; depth >= 0; depth--)
        {
            do
            {
                shape[depth]++;
                value.Skip();
            }
            while (value.Read() && value.TokenType != JsonTokenType.EndArray);
        }

        return [.. shape];
    }

    private ServiceException NotOfShape(int row) =>
        Invalid($"column '{name}', row {row + 1} does not have shape [{string.Join(",", _shape!)}] like the first row");

    private ServiceException Invalid(string problem) => new(ErrorCode.InvalidRequest, $"'{form}': {problem}.");
}
