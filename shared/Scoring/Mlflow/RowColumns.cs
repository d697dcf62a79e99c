using System.Globalization;
using System.Text.Json;
using Modeldrop.Errors;
using Modeldrop.Tabular;

namespace Modeldrop.Scoring.Mlflow;

/// <summary>Collects the columns of a request. A column whose values are arrays becomes one column an element, as <see cref="ColumnMapping"/> names them.</summary>
internal sealed class RowColumns(string form)
{
    private readonly List<TableColumn> _columns = [];
    private int? _rows;

    public Table ToTable() => ToTable(name => name);

    public Table ToTable(Func<string, string> rename)
    {
        if (_columns.Select(column => column.Name).Distinct(StringComparer.Ordinal).Count() < _columns.Count)
        {
            throw Invalid("a column appears more than once");
        }

        return new Table([.. _columns.Select(column => column with { Name = rename(column.Name) })], _rows ?? 0);
    }

    /// <param name="values">An array with one element a row; a single value is one row.</param>
    public void Add(string name, JsonElement values) => Add(name, values.ValueKind == JsonValueKind.Array ? [.. values.EnumerateArray()] : [values]);

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

        int? width = null;
        var cells = new List<List<string?>>();
        for (int row = 0; row < values.Count; row++)
        {
            List<string?> elements = [];
            Flatten(name, row, values[row], elements);
            width ??= elements.Count;
            if (elements.Count != width)
            {
                throw Invalid($"column '{name}', row {row + 1} has {elements.Count} elements, and the first row {width}");
            }

            cells.Add(elements);
        }

        for (int element = 0; element < width; element++)
        {
            int index = element;
            _columns.Add(new TableColumn(string.Create(CultureInfo.InvariantCulture, $"{name}_{element}"), [.. cells.Select(row => row[index])]));
        }
    }

    private void Flatten(string name, int row, JsonElement value, List<string?> elements)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            elements.Add(TextOf(name, row, value));
            return;
        }

        foreach (JsonElement element in value.EnumerateArray())
        {
            Flatten(name, row, element, elements);
        }
    }

    private string? TextOf(string name, int row, JsonElement value) =>
        value.ValueKind == JsonValueKind.Object ? throw Invalid($"column '{name}', row {row + 1} is an object") : CellText.Of(value);

    private ServiceException Invalid(string problem) => new(ErrorCode.InvalidRequest, $"'{form}': {problem}.");
}
