namespace Modeldrop.Manifests;

/// <summary>Reads the parts of <c>model.json</c> that describe outputs, classes and labels.</summary>
internal static class ManifestPrediction
{
    public const int MaxClasses = 10_000;

    private const int MaxColumn = 1_000_000;

    /// <summary>Checks members that only models of some tasks have.</summary>
    public static void Check(Manifest manifest, ManifestFields fields)
    {
        if (manifest.Labels is not null && manifest.Task != ModelTask.Multilabel)
        {
            fields.Violation<object>("'label' is a list; only a model with the task 'multilabel' has several labels per row.");
        }
        else if (manifest.Labels is { } columns && manifest.Prediction?.Classes is { } classes && columns.Count != classes.Count)
        {
            fields.Violation<object>($"'label' names {columns.Count} columns for the {classes.Count} labels of 'prediction.classes'.");
        }

        if (manifest.Task == ModelTask.Regression && manifest.Prediction is { } prediction
            && (prediction.Classes is not null || prediction.Scores == ScoreKind.Logits))
        {
            fields.Violation<object>("'prediction.classes' and 'prediction.scores' do not apply to a regression.");
        }

        if (manifest.Task == ModelTask.Multilabel && manifest.Prediction?.Column is not null)
        {
            fields.Violation<object>(
                "'prediction.column' does not apply to the task 'multilabel', where every column of the output is a label.");
        }
    }

    public static PredictionOutput Read(ManifestFields fields)
    {
        var prediction = new PredictionOutput(
            fields.Text("output", ManifestReader.MaxText),
            fields.Integer("column", 0, MaxColumn),
            fields.Names("classes", MaxClasses, ManifestReader.MaxText),
            fields.Choice<ScoreKind>("scores") ?? ScoreKind.Probabilities);
        if (!fields.Has("output") && !fields.Has("classes") && !fields.Has("scores"))
        {
            fields.Violation<object>($"'{fields.Path("output")}' is missing; it must name the output with the prediction.");
        }
        else if (!fields.Has("output") && fields.Has("column"))
        {
            fields.Violation<object>($"'{fields.Path("output")}' is missing; it must name the output that has column {prediction.Column}.");
        }

        return prediction;
    }
}
