using System.Runtime.InteropServices;
using System.Text.Json;
using Modeldrop.Errors;
using Modeldrop.Tabular;

namespace Modeldrop.Wire.Mlflow;

/// <summary>
/// Collects the values of a column, row by row. The first row determines whether they are single values or arrays of a shape.
/// </summary>
/// <param name="form">The member of the request that has the rows, for error messages.</param>
/// <param name="rows">The number of rows.</param>
internal sealed class RowColumn(string form, string name, int rows, TextBlocks texts)
{
    private long[] _shape = [];
    private long _width = 1;
    private TextColumn? _cells;
    private int _next;

    public string Name => name;

    /// <param name="row">Counted from 0, ascending. Earlier rows without a value lack it; the last value of a row counts.</param>
    public void Add(int row, JsonElement value)
    {
        FillTo(row);
        if (row < _next)
        {
            _cells!.Cut((int)(row * _width));
        }

        Append(row, value);
    }

    public TableColumn End()
    {
        FillTo(rows);
        return new TableColumn(name, _cells is null ? [] : _cells) { Row = _shape.Length == 0 ? null : _shape };
    }

    private void FillTo(int row)
    {
        while (_next < row)
        {
            Append(_next, default);
        }
    }

    private void Append(int row, JsonElement value)
    {
        if (_cells is null)
        {
            _shape = ShapeOf(value);
            _width = _shape.Aggregate(1L, (product, length) => product * length);
            _cells = new TextColumn(texts, _shape.Length == 0 ? rows : 0);
        }

        Append(row, value, depth: 0);
        _next = row + 1;
    }

    private void Append(int row, JsonElement value, int depth)
    {
        bool isArray = value.ValueKind == JsonValueKind.Array;
        if (isArray != depth < _shape.Length || (isArray && value.GetArrayLength() != _shape[depth]))
        {
            throw Invalid($"column '{name}', row {row + 1} does not have shape [{string.Join(",", _shape)}] like the first row");
        }

        if (isArray)
        {
            foreach (JsonElement element in value.EnumerateArray())
            {
                Append(row, element, depth + 1);
            }
        }
        else if (value.ValueKind == JsonValueKind.Number)
        {
            _cells!.Add(JsonMarshal.GetRawUtf8Value(value));
        }
        else if (value.ValueKind == JsonValueKind.Object)
        {
            throw Invalid($"column '{name}', row {row + 1} is an object");
        }
        else if (CellText.Of(value) is { } text)
        {
            _cells!.Add(text);
        }
        else
        {
            _cells!.AddMissing();
        }
    }

    private static long[] ShapeOf(JsonElement value) => value.ValueKind != JsonValueKind.Array ? []
        : value.GetArrayLength() == 0 ? [0] : [value.GetArrayLength(), .. ShapeOf(value[0])];

    private ServiceException Invalid(string problem) => new(ErrorCode.InvalidRequest, $"'{form}': {problem}.");
}
