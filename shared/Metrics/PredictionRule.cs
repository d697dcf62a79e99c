using Modeldrop.Manifests;
using Modeldrop.Registry;
using Modeldrop.Tensors;

namespace Modeldrop.Metrics;

/// <summary>The meaning of an output.</summary>
public enum PredictionKind
{
    /// <summary>A probability for each class: <c>[N, k]</c>.</summary>
    Probabilities,

    /// <summary>The probability of the positive one of two classes: <c>[N]</c> or <c>[N, 1]</c>.</summary>
    PositiveProbability,

    /// <summary>The class itself.</summary>
    Label,

    /// <summary>A number.</summary>
    Value,
}

/// <summary>
/// Which output of a model predicts, and how it is read. The rule depends on the model and its manifest, so it is sealed with the version.
/// </summary>
/// <param name="Column">Column of a <c>[N, k]</c> output: the positive class or the value, if the manifest names one.</param>
/// <param name="Label">
/// The output that names the class, in addition to the one with probabilities; for a multi-label model, the output with 0 or 1 for each
/// label.
/// </param>
/// <param name="Explanation">The rule that chose the output, for the report.</param>
public sealed record PredictionRule(ModelTask Task, PredictionKind Kind, string Output, int? Column, string? Label, string Explanation)
{
    private ModelInspection? _inspection;
    private Manifest? _manifest;

    /// <summary>The kind of the scores.</summary>
    public ScoreKind Scores => _manifest?.Prediction?.Scores ?? ScoreKind.Probabilities;

    /// <summary>Finds the output that predicts.</summary>
    /// <remarks>
    /// The manifest's <c>prediction</c> decides. Without it: a floating-point <c>[N, k]</c> output with k ≥ 2 is probabilities when the
    /// graph or the manifest names k classes, the manifest says classification, or there is also a label output; otherwise an integer,
    /// boolean or string <c>[N]</c> output is the label; otherwise a single floating-point <c>[N]</c> or <c>[N, 1]</c> output is the value
    /// of a regression (with <c>"task": "classification"</c>, the positive class's probability). With <c>"task": "multilabel"</c>, the
    /// floating-point <c>[N, k]</c> output has a probability for each label, and the other <c>[N, k]</c> output the labels themselves.
    /// </remarks>
    /// <returns>Null and the reason when no output can be read.</returns>
    public static (PredictionRule? Rule, string? Problem) Find(ModelInspection inspection, Manifest manifest)
    {
        IReadOnlyList<TensorSpec> outputs = inspection.Signature.Outputs;
        if (manifest.Prediction?.Output is { } name && inspection.Signature.FindOutput(name) is null)
        {
            return (null,
                $"The manifest's prediction names output '{name}', which the model does not have ({Names(inspection.Signature)}).");
        }

        TensorSpec? label = outputs.FirstOrDefault(output => IsColumn(output) && !TensorValues.IsFloat(output.Datatype));
        (PredictionRule? rule, string? problem) = manifest.Task == ModelTask.Multilabel
            ? Multilabel(inspection, manifest.Prediction?.Output)
            : manifest.Prediction?.Output is not null ? Stated(manifest.Prediction, inspection, manifest.Task, label)
            : ByShape(inspection, manifest, label);
        rule = rule is null ? null : rule with { _inspection = inspection, _manifest = manifest };
        return rule?.MisfitOf(inspection, manifest) is { } misfit ? (null, misfit) : (rule, problem);
    }

    /// <summary>The classes for a given number of probabilities per row; 0: none.</summary>
    public ClassLabels ClassesOf(int width) => ClassLabels.Of(
        _manifest?.Prediction?.Classes, _inspection?.Classes, Label is null ? null
            : _inspection?.Signature.FindOutput(Label)?.Datatype, width);

    /// <summary>The names of a multi-label model's labels.</summary>
    public IReadOnlyList<string> LabelsOf(int width) =>
        new[] { _manifest?.Prediction?.Classes, _manifest?.Labels, _inspection?.Classes }.FirstOrDefault(names => names?.Count == width)
        ?? [.. Enumerable.Range(0, width).Select(index => $"{index}")];

    /// <summary>A statement of the manifest that the outputs contradict; null when there is none.</summary>
    private string? MisfitOf(ModelInspection inspection, Manifest manifest)
    {
        TensorSpec output = inspection.Signature.FindOutput(Output)!;
        long width = Kind == PredictionKind.PositiveProbability ? 2 : IsMatrix(output) ? output.Shape[1] : -1;
        int? names = manifest.Prediction?.Classes?.Count ?? (Task == ModelTask.Multilabel ? manifest.Labels?.Count : null);
        return names is { } count && width > 0 && count != width
            ? $"The manifest names {count} classes, and output '{Output}' has {width} columns."
            : Task == ModelTask.Classification && Kind == PredictionKind.Probabilities && FlagsBeside(inspection, output) is { } flags
                ? Exclusive(flags, output)
            : null;
    }

    /// <summary>The output with 0 or 1 for each column of the scores; null: there is none.</summary>
    private static TensorSpec? FlagsBeside(ModelInspection inspection, TensorSpec scores) =>
        inspection.Signature.Outputs.FirstOrDefault(output => IsMatrix(output) && !TensorValues.IsFloat(output.Datatype)
            && output.Datatype != Datatype.Bytes && output.Shape[1] == scores.Shape[1]);

    private static string Exclusive(TensorSpec flags, TensorSpec scores) =>
        $"Output '{flags.Name}' has as many columns as '{scores.Name}', so the labels are not mutually exclusive. "
        + "The manifest must say \"task\": \"multilabel\".";

    private static (PredictionRule?, string?) Multilabel(ModelInspection inspection, string? stated)
    {
        List<TensorSpec> matrices = [.. inspection.Signature.Outputs.Where(
            output => IsMatrix(output) && output.Datatype != Datatype.Bytes && (stated is null || output.Name == stated))];
        List<TensorSpec> scores = [.. matrices.Where(output => TensorValues.IsFloat(output.Datatype))];
        if (scores is [TensorSpec probabilities])
        {
            return (new PredictionRule(
                ModelTask.Multilabel, PredictionKind.Probabilities, probabilities.Name, null, FlagsBeside(inspection, probabilities)?.Name,
                $"Output '{probabilities.Name}': a probability for each label; labels are not mutually exclusive."), null);
        }

        return scores.Count == 0 && matrices is [TensorSpec labels]
            ? (new PredictionRule(ModelTask.Multilabel, PredictionKind.Label, labels.Name, null, labels.Name,
                $"Output '{labels.Name}': 0 or 1 for each label; there are no probabilities."), null)
            : (null, $"A multi-label model has one floating-point output [N, k], or one with 0 or 1 ({Names(inspection.Signature)}); "
                + "name it in the manifest's 'prediction'.");
    }

    private static (PredictionRule?, string?) Stated(
        PredictionOutput stated, ModelInspection inspection, ModelTask? task, TensorSpec? label)
    {
        TensorSpec output = inspection.Signature.FindOutput(stated.Output!)!;
        string why = $"Output '{output.Name}'{(stated.Column is { } shown ? $", column {shown}," : "")} as the manifest says";
        long width = output.Shape.Count > 1 ? output.Shape[1] : 1;
        if (stated.Column is { } column && (column < 0 || (width >= 0 && column >= width)))
        {
            return (null, $"The manifest's prediction names column {column} of output '{output.Name}', which has {width}.");
        }

        if (!TensorValues.IsFloat(output.Datatype))
        {
            return task == ModelTask.Regression && output.Datatype != Datatype.Bytes
                ? (Value(), null)
                : (new PredictionRule(
                    ModelTask.Classification, PredictionKind.Label, output.Name, null, output.Name, $"{why}: the class."), null);
        }

        if (IsMatrix(output) && task != ModelTask.Regression)
        {
            return (new PredictionRule(ModelTask.Classification, PredictionKind.Probabilities, output.Name, stated.Column, label?.Name,
                $"{why}: probabilities{(stated.Column is not null ? " of the positive class" : "")}."), null);
        }

        return task == ModelTask.Classification || (task is null && (stated.Classes ?? inspection.Classes) is not null)
            ? (new PredictionRule(
                ModelTask.Classification, PredictionKind.PositiveProbability, output.Name, null, label?.Name,
                $"{why}: the positive class's probability."), null)
            : (Value(), null);

        PredictionRule Value() =>
            new(ModelTask.Regression, PredictionKind.Value, output.Name, stated.Column, null, $"{why}: the value.");
    }

    private static (PredictionRule?, string?) ByShape(ModelInspection inspection, Manifest manifest, TensorSpec? label)
    {
        IReadOnlyList<TensorSpec> outputs = inspection.Signature.Outputs;
        IReadOnlyList<string>? named = manifest.Prediction?.Classes ?? inspection.Classes;
        // A manifest that gives classes or the kind of the scores describes a classifier.
        ModelTask? task = manifest.Task ?? (manifest.Prediction is not null ? ModelTask.Classification : null);
        if (task != ModelTask.Regression)
        {
            TensorSpec? probabilities = outputs.FirstOrDefault(output => IsMatrix(output) && TensorValues.IsFloat(output.Datatype)
                && (task == ModelTask.Classification || label is not null || (named is not null && output.Shape[1] == named.Count)));
            if (probabilities is not null)
            {
                string reason = inspection.Classes is { } classes && manifest.Prediction?.Classes is null
                    ? $"one column for each of the {classes.Count} classes that the graph names" : "a column for each class";
                return (new PredictionRule(ModelTask.Classification, PredictionKind.Probabilities, probabilities.Name, null, label?.Name,
                    $"Output '{probabilities.Name}': floating-point {Shape(probabilities)}, so probabilities, {reason}."), null);
            }

            if (label is not null)
            {
                return (new PredictionRule(ModelTask.Classification, PredictionKind.Label, label.Name, null, label.Name,
                    $"Output '{label.Name}': {label.Datatype.ProtocolName()} {Shape(label)}, so the class itself; there are no "
                        + $"probabilities."),
                    null);
            }
        }

        List<TensorSpec> values = [
            .. outputs.Where(
                output => IsColumn(output)
                    && (TensorValues.IsFloat(output.Datatype) || task == ModelTask.Regression)
                    && output.Datatype != Datatype.Bytes)];
        if (values is not [TensorSpec value])
        {
            TensorSpec? scores = outputs.FirstOrDefault(
                output => IsMatrix(output) && TensorValues.IsFloat(output.Datatype) && FlagsBeside(inspection, output) is not null);
            return (null, scores is null
                ? $"No rule shows which output is the prediction ({Names(inspection.Signature)}); name it in the manifest's 'prediction'."
                : Exclusive(FlagsBeside(inspection, scores)!, scores));
        }

        return task == ModelTask.Classification
            ? (new PredictionRule(ModelTask.Classification, PredictionKind.PositiveProbability, value.Name, null, null,
                $"Output '{value.Name}': one floating-point number per row of a classifier, so the positive class's probability."), null)
            : (new PredictionRule(ModelTask.Regression, PredictionKind.Value, value.Name, null, null,
                $"Output '{value.Name}': one number per row, so the value of a regression."), null);
    }

    private static bool IsColumn(TensorSpec output) => output.Shape.Count == 1 || (output.Shape.Count == 2 && output.Shape[1] == 1);

    private static bool IsMatrix(TensorSpec output) => output.Shape.Count == 2 && output.Shape[1] != 1;

    private static string Shape(TensorSpec output) =>
        $"[{string.Join(",", output.Shape.Select(dimension => dimension < 0 ? "N" : $"{dimension}"))}]";

    private static string Names(Signature signature) => string.Join(", ", signature.Outputs);
}
