using Modeldrop.Errors;
using Modeldrop.Metrics;
using Modeldrop.Predictions;
using Modeldrop.Predictions.Feedback;
using Modeldrop.Registry;
using Modeldrop.Tabular;
using Modeldrop.Tensors;

namespace Modeldrop.Monitoring.Performance;

/// <summary>The rows that a version has answered in a window: the outputs that predict, labels, values of a slice.</summary>
internal sealed class AnsweredRows(ModelVersion version, PredictionRule rule, string? slice)
{
    private readonly GrowingTensors _outputs = new();
    private readonly List<string?> _labels = [];
    private readonly List<string> _slices = [];

    public int Rows => _labels.Count;

    /// <summary>Requests whose labels are for another number of rows than they have; their rows count as without a label.</summary>
    public int Misfits { get; private set; }

    public IReadOnlyList<string> Slices => _slices;

    /// <param name="feedback">Null: nothing is known.</param>
    public void Add(PackColumns columns, int record, StoredFeedback? feedback)
    {
        TensorColumn? predicting = columns.Outputs.FirstOrDefault(column => column.Name == rule.Output);
        if (predicting is null || predicting.ShapeOf(record) is not [var rows and > 0, ..])
        {
            return;
        }

        IReadOnlyList<string?>? labels = feedback?.LabelsOf((int)rows);
        Misfits += feedback is not null && labels is null ? 1 : 0;

        foreach (TensorColumn column in columns.Outputs.Where(column => column.Name == rule.Output || column.Name == rule.Label))
        {
            _outputs.Add(column.TensorOf(record));
        }

        string[]? slices = slice is null ? null : SlicesOf(columns, record, (int)rows);
        for (int row = 0; row < rows; row++)
        {
            _labels.Add(labels?[row]);
            if (slices is not null)
            {
                _slices.Add(slices[row]);
            }
        }
    }

    /// <summary>Of the labelled rows, or of those among them that a slice takes.</summary>
    /// <param name="isIn">By row; null: all.</param>
    public ModelMetrics Measure(Func<int, bool>? isIn = null) =>
        ModelMetrics.Compute(rule, Outputs, isIn is null ? _labels : [.. _labels.Select((label, row) => isIn(row) ? label : null)]);

    /// <summary>All rows of a classifier with probabilities; else null, and why there can be no estimate.</summary>
    public (ClassifiedRows? Rows, string? Reason) Classified() => ModelMetrics.Unlabelled(rule, Outputs);

    public bool IsClassifier => rule.Task != ModelTask.Regression;

    /// <summary>Which rows have a label.</summary>
    public bool IsLabelled(int row) => !LabelText.IsMissing(_labels[row]);

    private Tensor[] Outputs => [.. _outputs.All.Where(tensor => tensor.Rows == Rows).Select(tensor => tensor.ToTensor())];

    private string[] SlicesOf(PackColumns columns, int record, int rows)
    {
        Tensor? tensor = columns.Inputs.FirstOrDefault(column => column.Name == slice)?.TensorOf(record);
        return tensor is null || tensor.Count != rows
            ? throw new ServiceException(ErrorCode.InvalidRequest, $"Input '{slice}' of version {version.Version} has not one value a row, so that there are no slices by it.")
            : [.. Enumerable.Range(0, rows).Select(row => TensorValues.Text(tensor, row))];
    }
}
