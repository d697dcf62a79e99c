using System.Globalization;
using System.Text.Json;
using Modeldrop.Errors;
using Modeldrop.Tabular;

namespace Modeldrop.Wire.Mlflow;

/// <summary>
/// Collects the columns of a request. A column whose values are arrays becomes one column per element, named as in
/// <see cref="ColumnMapping"/>.
/// </summary>
internal sealed class RowColumns(string form)
{
    private readonly List<TableColumn> _columns = [];
    private readonly List<(string Name, long[] Row)> _arrays = [];
    private int? _rows;

    public RowTable ToTable() => ToTable(name => name);

    public RowTable ToTable(Func<string, string> rename)
    {
        if (_columns.Select(column => column.Name).Distinct(StringComparer.Ordinal).Count() < _columns.Count)
        {
            throw Invalid("a column appears more than once");
        }

        return new RowTable(
            new Table([.. _columns.Select(column => column with { Name = rename(column.Name) })], _rows ?? 0),
            [.. _arrays.Select(array => (rename(array.Name), array.Row))]);
    }

    /// <param name="values">An array with one element per row; a single value is one row.</param>
    public void Add(string name, JsonElement values) =>
        Add(name, values.ValueKind == JsonValueKind.Array ? [.. values.EnumerateArray()] : [values]);

    public void Add(string name, IReadOnlyList<JsonElement> values)
    {
        if (_rows is { } rows && rows != values.Count)
        {
            throw Invalid($"column '{name}' has {values.Count} rows, and the one before it {rows}");
        }

        _rows = values.Count;
        if (values.All(value => value.ValueKind != JsonValueKind.Array))
        {
            _columns.Add(new TableColumn(name, [.. values.Select((value, row) => TextOf(name, row, value))]));
            return;
        }

        long[] shape = ShapeOf(values[0]);
        var cells = new List<List<string?>>();
        for (int row = 0; row < values.Count; row++)
        {
            List<string?> elements = [];
            Flatten(name, row, values[row], shape, 0, elements);
            cells.Add(elements);
        }

        _arrays.Add((name, shape));
        for (int element = 0; element < cells[0].Count; element++)
        {
            int index = element;
            _columns.Add(
                new TableColumn(string.Create(CultureInfo.InvariantCulture, $"{name}_{element}"), [.. cells.Select(row => row[index])]));
        }
    }

    private static long[] ShapeOf(JsonElement value) => value.ValueKind != JsonValueKind.Array ? []
        : value.GetArrayLength() == 0 ? [0] : [value.GetArrayLength(), .. ShapeOf(value[0])];

    private void Flatten(string name, int row, JsonElement value, long[] shape, int depth, List<string?> elements)
    {
        if (depth == shape.Length && value.ValueKind != JsonValueKind.Array)
        {
            elements.Add(TextOf(name, row, value));
            return;
        }

        if (depth == shape.Length || value.ValueKind != JsonValueKind.Array || value.GetArrayLength() != shape[depth])
        {
            throw Invalid($"column '{name}', row {row + 1} does not have shape [{string.Join(",", shape)}] like the first row");
        }

        foreach (JsonElement element in value.EnumerateArray())
        {
            Flatten(name, row, element, shape, depth + 1, elements);
        }
    }

    private string? TextOf(string name, int row, JsonElement value) =>
        value.ValueKind == JsonValueKind.Object ? throw Invalid($"column '{name}', row {row + 1} is an object") : CellText.Of(value);

    private ServiceException Invalid(string problem) => new(ErrorCode.InvalidRequest, $"'{form}': {problem}.");
}
