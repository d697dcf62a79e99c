using Modeldrop.Registry;
using Modeldrop.Tensors;

namespace Modeldrop.Metrics;

/// <summary>What an output says about a row.</summary>
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

/// <summary>Which output of a model predicts, and how it is read.</summary>
/// <param name="Column">Of a <c>[N, k]</c> output: the positive class or the value, where the manifest says which.</param>
/// <param name="Label">The output that names the class, beside the one of probabilities.</param>
/// <param name="Explanation">Which rule chose it, for the report.</param>
public sealed record PredictionRule(ModelTask Task, PredictionKind Kind, string Output, int? Column, string? Label, string Explanation)
{
    /// <summary>Finds the output that predicts.</summary>
    /// <remarks>
    /// The manifest's <c>prediction</c> decides. Without it: a floating-point <c>[N, k]</c> output with k ≥ 2 is probabilities when the graph names k classes,
    /// the manifest says classification, or a label output stands beside it; else an integer, boolean or string <c>[N]</c> output is the label;
    /// else a single floating-point <c>[N]</c> or <c>[N, 1]</c> output is the value of a regression (under <c>"task": "classification"</c> the positive class's probability).
    /// </remarks>
    /// <returns>Null with the reason when no output can be read.</returns>
    public static (PredictionRule? Rule, string? Problem) Find(ModelInspection inspection, Manifest manifest)
    {
        IReadOnlyList<TensorSpec> outputs = inspection.Signature.Outputs;
        TensorSpec? label = outputs.FirstOrDefault(output => IsColumn(output) && !TensorValues.IsFloat(output.Datatype));
        return manifest.Prediction is { } stated
            ? Stated(stated, inspection, manifest.Task, label)
            : ByShape(inspection, manifest.Task, label);
    }

    private static (PredictionRule?, string?) Stated(PredictionOutput stated, ModelInspection inspection, ModelTask? task, TensorSpec? label)
    {
        if (inspection.Signature.FindOutput(stated.Output) is not { } output)
        {
            return (null, $"The manifest's prediction names output '{stated.Output}', which the model does not have ({Names(inspection.Signature)}).");
        }

        string why = $"Output '{output.Name}'{(stated.Column is { } shown ? $", column {shown}," : "")} as the manifest says";
        long width = output.Shape.Count > 1 ? output.Shape[1] : 1;
        if (stated.Column is { } column && (column < 0 || (width >= 0 && column >= width)))
        {
            return (null, $"The manifest's prediction names column {column} of output '{output.Name}', which has {width}.");
        }

        if (!TensorValues.IsFloat(output.Datatype))
        {
            return task == ModelTask.Regression && output.Datatype != Datatype.Bytes
                ? (new PredictionRule(ModelTask.Regression, PredictionKind.Value, output.Name, stated.Column, null, $"{why}: the value."), null)
                : (new PredictionRule(ModelTask.Classification, PredictionKind.Label, output.Name, null, output.Name, $"{why}: the class."), null);
        }

        if (IsMatrix(output) && task != ModelTask.Regression)
        {
            return (new PredictionRule(ModelTask.Classification, PredictionKind.Probabilities, output.Name, stated.Column, label?.Name,
                $"{why}: probabilities{(stated.Column is not null ? " of the positive class" : "")}."), null);
        }

        return task == ModelTask.Classification || (task is null && inspection.Classes is not null)
            ? (new PredictionRule(ModelTask.Classification, PredictionKind.PositiveProbability, output.Name, null, label?.Name, $"{why}: the positive class's probability."), null)
            : (new PredictionRule(ModelTask.Regression, PredictionKind.Value, output.Name, stated.Column, null, $"{why}: the value."), null);
    }

    private static (PredictionRule?, string?) ByShape(ModelInspection inspection, ModelTask? task, TensorSpec? label)
    {
        IReadOnlyList<TensorSpec> outputs = inspection.Signature.Outputs;
        if (task != ModelTask.Regression)
        {
            TensorSpec? probabilities = outputs.FirstOrDefault(output => IsMatrix(output) && TensorValues.IsFloat(output.Datatype)
                && (task == ModelTask.Classification || label is not null || (inspection.Classes is { } classes && output.Shape[1] == classes.Count)));
            if (probabilities is not null)
            {
                string reason = inspection.Classes is { } classes ? $"one column for each of the {classes.Count} classes that the graph names" : "a column for each class";
                return (new PredictionRule(ModelTask.Classification, PredictionKind.Probabilities, probabilities.Name, null, label?.Name,
                    $"Output '{probabilities.Name}': floating-point {Shape(probabilities)}, so probabilities, {reason}."), null);
            }

            if (label is not null)
            {
                return (new PredictionRule(ModelTask.Classification, PredictionKind.Label, label.Name, null, label.Name,
                    $"Output '{label.Name}': {label.Datatype.ProtocolName()} {Shape(label)}, so the class itself; there are no probabilities."), null);
            }
        }

        List<TensorSpec> values = [.. outputs.Where(output => IsColumn(output) && (TensorValues.IsFloat(output.Datatype) || task == ModelTask.Regression) && output.Datatype != Datatype.Bytes)];
        if (values is not [TensorSpec value])
        {
            return (null, $"No rule says which of the outputs predicts ({Names(inspection.Signature)}); the manifest's 'prediction' must.");
        }

        return task == ModelTask.Classification
            ? (new PredictionRule(ModelTask.Classification, PredictionKind.PositiveProbability, value.Name, null, null,
                $"Output '{value.Name}': one floating-point number a row of a classifier, so the positive class's probability."), null)
            : (new PredictionRule(ModelTask.Regression, PredictionKind.Value, value.Name, null, null,
                $"Output '{value.Name}': one number a row, so the value of a regression."), null);
    }

    private static bool IsColumn(TensorSpec output) => output.Shape.Count == 1 || (output.Shape.Count == 2 && output.Shape[1] == 1);

    private static bool IsMatrix(TensorSpec output) => output.Shape.Count == 2 && output.Shape[1] != 1;

    private static string Shape(TensorSpec output) => $"[{string.Join(",", output.Shape.Select(dimension => dimension < 0 ? "N" : $"{dimension}"))}]";

    private static string Names(Signature signature) => string.Join(", ", signature.Outputs);
}
