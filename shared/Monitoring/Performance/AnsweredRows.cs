using System.Buffers.Binary;
using System.IO.Hashing;
using Modeldrop.Manifests;
using Modeldrop.Metrics;
using Modeldrop.Metrics.Estimation;
using Modeldrop.Names;
using Modeldrop.Predictions;
using Modeldrop.Predictions.Feedback;
using Modeldrop.Tabular;
using Modeldrop.Tensors;

namespace Modeldrop.Monitoring.Performance;

/// <summary>The rows that a version answered in a window: predicted outputs, labels, and the values of slices.</summary>
/// <remarks>
/// All rows are counted. If the window is too large, a random half is kept (<see cref="Thin"/>), then half of that, and so on. Reading it
/// again keeps the same rows.
/// </remarks>
internal sealed class AnsweredRows(
    PredictionRule rule, IReadOnlyList<IReadOnlyList<string>> slices, Signature signature, LossModel? loss)
{
    private readonly List<string?> _labels = [];
    private readonly RowGroups[] _groups = [.. slices.Select(inputs => new RowGroups(inputs, signature))];
    private readonly List<ulong> _draws = [];
    private GrowingTensors _outputs = new();
    private ulong _share = 1;

    /// <summary>The expected losses of all rows; null: there are none, see <see cref="HasAllInputs"/>.</summary>
    public LossSums? Losses { get; } = loss is { HasSkill: true } ? new LossSums(loss.Fits.Count) : null;

    /// <summary>The version's loss model; null: it has none.</summary>
    public LossModel? Loss => loss;

    /// <summary>False when a request lacks an input that the loss model needs.</summary>
    public bool HasAllInputs { get; private set; } = true;

    /// <summary>All rows received.</summary>
    public int Rows { get; private set; }

    /// <summary>Those of <see cref="Rows"/> that have a label.</summary>
    public int Labelled { get; private set; }

    /// <summary>Those of <see cref="Rows"/> that are measured.</summary>
    public int Kept => _labels.Count;

    /// <summary>Requests that have a different number of rows than their labels. Their rows count as unlabelled.</summary>
    public int Misfits { get; private set; }

    /// <summary>The kept rows, by slice.</summary>
    public IReadOnlyList<RowGroups> Groups => _groups;

    /// <param name="feedback">Null: there is none.</param>
    public void Add(PackColumns columns, int record, PredictionId id, StoredFeedback? feedback)
    {
        TensorColumn? predicting = columns.Outputs.FirstOrDefault(column => column.Name == rule.Output);
        if (predicting is null || predicting.ShapeOf(record) is not [var rows and > 0, ..])
        {
            return;
        }

        IReadOnlyList<string?>? labels = feedback?.LabelsOf((int)rows);
        Misfits += feedback is not null && labels is null ? 1 : 0;
        Rows += (int)rows;
        Labelled += labels?.Count(label => !LabelText.IsMissing(label)) ?? 0;
        AddLosses(columns, record, predicting.TensorOf(record), (int)rows, labels);
        ulong[] draws = [.. Enumerable.Range(0, (int)rows).Select(row => Draw(id, row))];
        int[] kept = [.. Enumerable.Range(0, (int)rows).Where(row => draws[row] % _share == 0)];
        if (kept.Length == 0)
        {
            return;
        }

        foreach (TensorColumn column in columns.Outputs.Where(column => column.Name == rule.Output || column.Name == rule.Label))
        {
            AddTo(_outputs, column.TensorOf(record), kept);
        }

        foreach (RowGroups groups in _groups)
        {
            groups.Add(columns, record, (int)rows, kept);
        }

        foreach (int row in kept)
        {
            _labels.Add(labels?[row]);
            _draws.Add(draws[row]);
        }
    }

    /// <summary>Keeps a random half of the kept rows, chosen by prediction id.</summary>
    public void Thin()
    {
        _share *= 2;
        int[] kept = [.. Enumerable.Range(0, Kept).Where(row => _draws[row] % _share == 0)];
        var outputs = new GrowingTensors();
        foreach (Tensor tensor in Outputs)
        {
            AddTo(outputs, tensor, kept);
        }

        _outputs = outputs;
        Take(_labels, kept);
        Take(_draws, kept);
        foreach (RowGroups groups in _groups)
        {
            groups.Take(kept);
        }
    }

    /// <summary>
    /// Falsifies some labels: a classifier's label becomes another class, a regression's the label of the next labelled row.
    /// </summary>
    /// <param name="share">0 to 1. The rows are chosen by prediction id, so a repeated call chooses the same ones.</param>
    public void MakeWrong(double share)
    {
        int[] labelled = [.. Enumerable.Range(0, Kept).Where(IsLabelled)];
        string?[] others = Task == ModelTask.Regression
            ? [.. labelled.Select(row => _labels[row])]
            : [.. labelled.Select(row => _labels[row]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        foreach ((int place, int row) in labelled.Index())
        {
            // Thinning uses the lower bits.
            if ((_draws[row] >> 32) < share * uint.MaxValue)
            {
                int own = Task == ModelTask.Regression ? place : Array.IndexOf(others, _labels[row]);
                _labels[row] = others[(own + 1) % others.Length];
            }
        }
    }

    /// <summary>Measures the labelled rows, or those of them that a slice includes.</summary>
    /// <param name="isIn">Selects rows; null: all.</param>
    public ModelMetrics Measure(Func<int, bool>? isIn = null) =>
        ModelMetrics.Compute(rule, Outputs, isIn is null ? _labels : [.. _labels.Select((label, row) => isIn(row) ? label : null)]);

    /// <summary>All rows of a classifier with probabilities; otherwise null and the reason why there is no estimate.</summary>
    public (ClassifiedRows? Rows, string? Reason) Classified() => ModelMetrics.Unlabelled(rule, Outputs);

    public ModelTask Task => rule.Task;

    /// <summary>Whether a row has a label.</summary>
    public bool IsLabelled(int row) => !LabelText.IsMissing(_labels[row]);

    /// <summary>The class of each row's label; null if the row has no label that is a class.</summary>
    public int?[] TruthOf(int width)
    {
        ClassLabels classes = rule.ClassesOf(width);
        return [.. _labels.Select(label => classes.Read(label).Index)];
    }

    private void AddLosses(PackColumns columns, int record, Tensor output, int rows, IReadOnlyList<string?>? labels)
    {
        if (Losses is null || !HasAllInputs)
        {
            return;
        }

        int width = ModelMetrics.WidthOf(output);
        double[] answers = [.. Enumerable.Range(0, rows).Select(row => TensorValues.Number(output, (row * width) + (rule.Column ?? 0)))];
        HasAllInputs = loss!.AddTo(Losses, [.. columns.Inputs.Select(column => column.TensorOf(record))], answers,
            row => labels?[row] is { } label && LabelText.Number(label) is not null);
    }

    private Tensor[] Outputs => [.. _outputs.All.Where(tensor => tensor.Rows == Kept).Select(tensor => tensor.ToTensor())];

    /// <summary>A number that is constant for a row and uniformly distributed over all rows.</summary>
    private static ulong Draw(PredictionId id, int row)
    {
        Span<byte> name = stackalloc byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(name, id.Hour);
        BinaryPrimitives.WriteUInt32LittleEndian(name[4..], id.Writer);
        BinaryPrimitives.WriteUInt32LittleEndian(name[8..], id.Sequence);
        BinaryPrimitives.WriteInt32LittleEndian(name[12..], row);
        return XxHash3.HashToUInt64(name);
    }

    private static void AddTo(GrowingTensors tensors, Tensor tensor, int[] kept)
    {
        if (kept.Length == tensor.Shape[0])
        {
            tensors.Add(tensor);
            return;
        }

        foreach (int row in kept)
        {
            tensors.Add(tensor.RowsOf(row, 1));
        }
    }

    private static void Take<T>(List<T> rows, int[] kept)
    {
        for (int place = 0; place < kept.Length; place++)
        {
            rows[place] = rows[kept[place]];
        }

        rows.RemoveRange(kept.Length, rows.Count - kept.Length);
    }
}
