using Modeldrop.Errors;
using Modeldrop.Metrics;
using Modeldrop.Predictions;
using Modeldrop.Registry;
using Modeldrop.Tensors;

namespace Modeldrop.Monitoring.Performance;

/// <summary>The rows that a version has answered in a window: the outputs that predict, labels, values of a slice.</summary>
internal sealed class AnsweredRows(ModelVersion version, PredictionRule rule, string? slice)
{
    private readonly GrowingTensors _outputs = new();
    private readonly List<string?> _labels = [];
    private readonly List<string> _slices = [];

    public int Rows => _labels.Count;

    public int Labelled => _labels.Count(label => label is not null);

    public IReadOnlyList<string> Slices => _slices;

    /// <param name="labels">One a row; null: not known.</param>
    public void Add(PackColumns columns, int record, IReadOnlyList<string>? labels)
    {
        TensorColumn? predicting = columns.Outputs.FirstOrDefault(column => column.Name == rule.Output);
        if (predicting is null || predicting.ShapeOf(record) is not [var rows and > 0, ..] || (labels is not null && labels.Count != rows))
        {
            // Without a row each, or with labels for other rows than there are, nothing can be told.
            return;
        }

        foreach (TensorColumn column in columns.Outputs.Where(column => column.Name == rule.Output || column.Name == rule.Label))
        {
            _outputs.Add(column.TensorOf(record));
        }

        string[]? slices = slice is null ? null : SlicesOf(columns, record, (int)rows);
        for (int row = 0; row < rows; row++)
        {
            _labels.Add(labels?[row] is { Length: > 0 } label ? label : null);
            if (slices is not null)
            {
                _slices.Add(slices[row]);
            }
        }
    }

    /// <summary>Of the labelled rows, or of those among them that a slice takes.</summary>
    /// <param name="isIn">By row; null: all.</param>
    public ModelMetrics Measure(Func<int, bool>? isIn = null) =>
        ModelMetrics.Compute(rule, version.Inspection, Outputs, [.. _labels.Select((label, row) => isIn is null || isIn(row) ? label ?? "" : "")]);

    /// <summary>All rows of a classifier with probabilities; null for anything else.</summary>
    public ClassifiedRows? Classified() => Rows == 0 ? null : ModelMetrics.Unlabelled(rule, version.Inspection, Outputs);

    /// <summary>Which rows have a label.</summary>
    public bool IsLabelled(int row) => _labels[row] is not null;

    private Tensor[] Outputs => [.. _outputs.All.Where(tensor => tensor.Rows == Rows).Select(tensor => tensor.ToTensor())];

    private string[] SlicesOf(PackColumns columns, int record, int rows)
    {
        Tensor? tensor = columns.Inputs.FirstOrDefault(column => column.Name == slice)?.TensorOf(record);
        return tensor is null || tensor.Count != rows
            ? throw new ServiceException(ErrorCode.InvalidRequest, $"Input '{slice}' of version {version.Version} has not one value a row, so that there are no slices by it.")
            : [.. Enumerable.Range(0, rows).Select(row => TensorValues.Text(tensor, row))];
    }
}
