using Modeldrop.Metrics;
using Modeldrop.Predictions;
using Modeldrop.Tensors;

namespace Modeldrop.Monitoring.Performance;

/// <summary>Groups the rows of a window by the values of one or two inputs.</summary>
/// <param name="inputs">Named by the columns of the data files.</param>
internal sealed class RowGroups(IReadOnlyList<string> inputs, Signature signature)
{
    private readonly (TensorSpec Input, int Element)?[] _columns = [.. inputs.Select(signature.FindColumn)];
    private readonly Dictionary<string, int> _codes = new(StringComparer.Ordinal);
    private readonly List<string[]> _values = [];
    private List<int> _rows = [];

    public IReadOnlyList<string> Inputs => inputs;

    /// <summary>Why there are no groups; null: there are.</summary>
    public string? Problem { get; private set; }

    /// <summary>The values of each group.</summary>
    public IReadOnlyList<string[]> Values => _values;

    /// <summary>The group of each row.</summary>
    public IReadOnlyList<int> Rows => _rows;

    public void Add(PackColumns columns, int record, int rows, int[] kept)
    {
        Tensor?[] tensors = Problem is not null ? [] : [.. _columns.Select(
            own => columns.Inputs.FirstOrDefault(column => column.Name == own?.Input.Name)?.TensorOf(record))];
        int[] widths = [.. tensors.Select(tensor => (int)((tensor?.Count ?? 0) / rows))];
        for (int index = 0; index < tensors.Length && Problem is null; index++)
        {
            Problem = tensors[index] is not { } tensor ? $"There is no input '{inputs[index]}'."
                : tensor.Count != rows * widths[index] || _columns[index]!.Value.Element >= widths[index]
                    || (widths[index] > 1 && _columns[index]!.Value.Input.Name == inputs[index])
                    ? $"Input '{inputs[index]}' does not have exactly one value per row." : null;
        }

        if (Problem is not null)
        {
            return;
        }

        foreach (int row in kept)
        {
            string[] values = [.. tensors.Select((tensor, index) =>
                TensorValues.Text(tensor!, (row * widths[index]) + _columns[index]!.Value.Element))];
            string key = string.Join('\u001f', values);
            if (!_codes.TryGetValue(key, out int code))
            {
                _codes[key] = code = _values.Count;
                _values.Add(values);
            }

            _rows.Add(code);
        }
    }

    public void Take(int[] kept) => _rows = Problem is null ? [.. kept.Select(row => _rows[row])] : [];
}
