using System.Globalization;
using Modeldrop.Manifests;
using Modeldrop.Registry;
using Modeldrop.Tabular;
using Modeldrop.Tensors;

namespace Modeldrop.Metrics;

/// <summary>A model's answer for one row, read by its <see cref="PredictionRule"/>.</summary>
/// <param name="Class">
/// Classifier: the class that it names, otherwise the most probable one (of equals, the first). Multi-label model: all labels. Regression:
/// null.
/// </param>
/// <param name="Probabilities">
/// For a classifier with probabilities and mutually exclusive classes, by class in the order of the output.
/// </param>
/// <param name="Value">For a regression.</param>
public sealed record RowAnswer(string? Class, double[]? Probabilities, double? Value)
{
    /// <summary>Whether a number is NaN.</summary>
    public bool HasNaN => Value is { } value ? double.IsNaN(value) : Probabilities is { } all && Array.Exists(all, double.IsNaN);

    /// <summary>
    /// A continuous number: a regression's value, the second of two classes' probability, the greatest of more; null without probabilities.
    /// </summary>
    public double? Score => Value ?? (Probabilities is not { } all ? null : all.Length == 2 ? all[1] : all.Max());
}

/// <summary>An answer compared with the truth.</summary>
/// <param name="IsRight">For a classifier; null: its scores do not determine its answer.</param>
/// <param name="Error">For a regression: the size of the error.</param>
/// <param name="IsPositive">For two classes: whether the positive class is true; null when there is no score for it.</param>
/// <param name="Score">Score of the positive class.</param>
public sealed record JudgedRow(bool? IsRight, double? Error = null, bool? IsPositive = null, double? Score = null);

/// <summary>Reads the answers of a version from its outputs, row by row.</summary>
public sealed class RowAnswers
{
    private readonly PredictionRule _rule;
    private readonly Dictionary<int, ClassLabels> _classes = [];

    private readonly double _tolerance;

    private RowAnswers(PredictionRule rule, Datatype output)
    {
        _rule = rule;
        _tolerance = ClassScores.Tolerance(output);
    }

    /// <summary>Null and the reason when no output can be read.</summary>
    public static (RowAnswers? Answers, string? Problem) Of(ModelInspection inspection, Manifest manifest)
    {
        (PredictionRule? rule, string? problem) = PredictionRule.Find(inspection, manifest);
        return rule is null ? (null, problem) : (new RowAnswers(rule, inspection.Signature.FindOutput(rule.Output)!.Datatype), null);
    }

    /// <summary>One answer per row; empty when the outputs do not have a value for each row.</summary>
    public IReadOnlyList<RowAnswer> Read(IReadOnlyList<Tensor> outputs)
    {
        Tensor? output = outputs.FirstOrDefault(tensor => tensor.Name == _rule.Output);
        if (output is not { Shape: [var rows and > 0, ..] })
        {
            return [];
        }

        int width = ModelMetrics.WidthOf(output);
        bool isColumn = _rule.Task != ModelTask.Multilabel;
        Tensor? label = _rule.Label is { } name
            ? outputs.FirstOrDefault(tensor => tensor.Name == name && tensor.Count == (isColumn ? rows : rows * width)) : null;
        var answers = new RowAnswer[rows];
        for (int row = 0; row < rows; row++)
        {
            answers[row] = Read(output, width, label, row);
        }

        return answers;
    }

    /// <summary>Compares an answer with its label; null when the row has no label that this version can read.</summary>
    public JudgedRow? Judge(RowAnswer answer, string? label) => _rule.Task switch
    {
        _ when LabelText.IsMissing(label) && _rule.Task != ModelTask.Classification => null,
        ModelTask.Regression => LabelText.Number(label!) is { } number ? new JudgedRow(null, Math.Abs(answer.Value!.Value - number)) : null,
        ModelTask.Multilabel => MultilabelMeasure.IsRight(answer.Class!, label!) is { } isRight ? new JudgedRow(isRight) : null,
        _ => JudgeClass(answer, label),
    };

    private JudgedRow? JudgeClass(RowAnswer answer, string? label)
    {
        ClassLabels classes = ClassesOf(answer.Probabilities?.Length ?? 0);
        ReadLabel read = classes.Read(label);
        if (read.State is not (LabelState.Class or LabelState.NoClass))
        {
            return null;
        }

        bool isRight = read.Index is { } index ? classes.Find(answer.Class!) == index : classes.Read(answer.Class).Key == read.Key;
        bool areProbabilities = answer.Probabilities is { } scores && ClassScores.IsProbabilities(scores, _rule.Task, _tolerance);
        bool isOneScore = _rule.Kind == PredictionKind.PositiveProbability;
        int? positive = classes.Names?.Count == 2 && read.Index is not null && (areProbabilities || isOneScore) ? _rule.Column ?? 1 : null;
        return new JudgedRow(
            isOneScore && _rule.Label is null && !areProbabilities ? null : isRight,
            IsPositive: positive is { } one ? read.Index == one : null,
            Score: positive is { } column ? answer.Probabilities?[column] : null);
    }

    private RowAnswer Read(Tensor output, int width, Tensor? label, int row)
    {
        int columns = _rule.Kind == PredictionKind.PositiveProbability ? 2 : width;
        double[]? scores = _rule.Kind is PredictionKind.Value or PredictionKind.Label ? null
            : ClassScores.Read(_rule, output, columns, [row]);
        return _rule switch
        {
            { Task: ModelTask.Multilabel } => new RowAnswer(MultilabelMeasure.AnswerOf(label, scores, width, row, 0), null, null),
            { Kind: PredictionKind.Value } => new RowAnswer(null, null, TensorValues.Number(output, (row * width) + (_rule.Column ?? 0))),
            { Kind: PredictionKind.Label } => new RowAnswer(ClassesOf(0).NameOfAnswer(output, row), null, null),
            _ when label is not null => new RowAnswer(ClassesOf(columns).NameOfAnswer(label, row), scores, null),
            _ => new RowAnswer(ClassesOf(columns).Names is { } names ? names[ClassScores.Best(scores)]
                : ClassScores.Best(scores).ToString(CultureInfo.InvariantCulture), scores, null),
        };
    }

    private ClassLabels ClassesOf(int width) => _classes.TryGetValue(width, out ClassLabels? known) ? known
        : _classes[width] = _rule.ClassesOf(width);
}
