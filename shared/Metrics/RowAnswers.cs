using System.Globalization;
using Modeldrop.Registry;
using Modeldrop.Tensors;

namespace Modeldrop.Metrics;

/// <summary>What a model says about one row, read by its <see cref="PredictionRule"/>.</summary>
/// <param name="Class">Of a classifier: the class that it names, else the most probable one (the first of equals); null for a regression.</param>
/// <param name="Probabilities">Of a classifier that gives them, by class in the order of <see cref="RowAnswers.Classes"/>.</param>
/// <param name="Value">Of a regression.</param>
public sealed record RowAnswer(string? Class, double[]? Probabilities, double? Value)
{
    /// <summary>Something that should be a number is none.</summary>
    public bool HasNaN => Value is { } value ? double.IsNaN(value) : Probabilities is { } all && Array.Exists(all, double.IsNaN);

    /// <summary>The number that moves continuously: a regression's value, the last class's probability of two, the greatest of more; null without probabilities.</summary>
    public double? Score => Value ?? (Probabilities is not { } all ? null : all.Length == 2 ? all[1] : all.Max());
}

/// <summary>Reads the answers of a version from its outputs, row by row.</summary>
public sealed class RowAnswers
{
    private readonly PredictionRule _rule;

    private RowAnswers(PredictionRule rule, IReadOnlyList<string>? classes)
    {
        _rule = rule;
        Classes = classes;
    }

    /// <summary>In the order of the probabilities; null where the graph does not name them: then they are called by their index.</summary>
    public IReadOnlyList<string>? Classes { get; }

    public ModelTask Task => _rule.Task;

    /// <summary>Null with the reason when no output can be read.</summary>
    public static (RowAnswers? Answers, string? Problem) Of(ModelInspection inspection, Manifest manifest)
    {
        (PredictionRule? rule, string? problem) = PredictionRule.Find(inspection, manifest);
        return rule is null ? (null, problem) : (new RowAnswers(rule, inspection.Classes), null);
    }

    /// <summary>One answer a row; empty when the outputs have no value for each row.</summary>
    public IReadOnlyList<RowAnswer> Read(IReadOnlyList<Tensor> outputs)
    {
        Tensor? output = outputs.FirstOrDefault(tensor => tensor.Name == _rule.Output);
        if (output is not { Shape: [var rows and > 0, ..] })
        {
            return [];
        }

        int width = (int)(output.Count / rows);
        Tensor? label = _rule.Label is { } name ? outputs.FirstOrDefault(tensor => tensor.Name == name && tensor.Count == rows) : null;
        var answers = new RowAnswer[rows];
        for (int row = 0; row < rows; row++)
        {
            answers[row] = Read(output, width, label, row);
        }

        return answers;
    }

    private RowAnswer Read(Tensor output, int width, Tensor? label, int row)
    {
        switch (_rule.Kind)
        {
            case PredictionKind.Value:
                return new RowAnswer(null, null, TensorValues.Number(output, (row * width) + (_rule.Column ?? 0)));
            case PredictionKind.Label:
                return new RowAnswer(TensorValues.Text(output, row), null, null);
            case PredictionKind.PositiveProbability:
                double positive = TensorValues.Number(output, row * width);
                return Classified([1 - positive, positive], label, row);
            default:
                var probabilities = new double[width];
                for (int column = 0; column < width; column++)
                {
                    probabilities[column] = TensorValues.Number(output, (row * width) + column);
                }

                return Classified(probabilities, label, row);
        }
    }

    private RowAnswer Classified(double[] probabilities, Tensor? label, int row)
    {
        if (label is not null)
        {
            return new RowAnswer(TensorValues.Text(label, row), probabilities, null);
        }

        int best = 0;
        for (int index = 1; index < probabilities.Length; index++)
        {
            best = probabilities[index] > probabilities[best] ? index : best;
        }

        string name = Classes is { } classes && best < classes.Count ? classes[best] : best.ToString(CultureInfo.InvariantCulture);
        return new RowAnswer(name, probabilities, null);
    }
}
