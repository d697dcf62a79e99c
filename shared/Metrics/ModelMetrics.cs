using System.Globalization;
using System.Text.Json.Serialization;
using Modeldrop.Manifests;
using Modeldrop.Tabular;
using Modeldrop.Tensors;

namespace Modeldrop.Metrics;

/// <summary>The metrics of one model on labelled rows.</summary>
/// <param name="Values">
/// By name, the metrics that could be computed; for a multi-label model also those of each label, as <c>f1/&lt;label&gt;</c>.
/// </param>
/// <param name="Rows">Rows with a readable label; the others are left out.</param>
/// <param name="Notes">How the outputs were read, and why a metric is missing.</param>
public sealed record ModelMetrics(IReadOnlyDictionary<string, double> Values, int Rows, IReadOnlyList<string> Notes)
{
    /// <summary>The 95 % intervals of the values (<see cref="MetricBootstrap"/>); null: not requested.</summary>
    public IReadOnlyDictionary<string, MetricInterval>? Intervals { get; init; }

    /// <summary>A classifier's data for plots; null: not requested.</summary>
    public ClassifierFigures? Figures { get; init; }

    /// <summary>The rows behind the values; null when there are none, and in a stored report.</summary>
    [JsonIgnore]
    internal MetricSample? Sample { get; init; }

    /// <summary>The rows of a classifier with probabilities; null otherwise, and in a stored report.</summary>
    [JsonIgnore]
    internal ClassifiedRows? Classified { get; init; }

    /// <summary>The rows of a regression; null otherwise, and in a stored report.</summary>
    [JsonIgnore]
    internal RegressedRows? Regressed { get; init; }

    /// <summary>For a classifier with mutually exclusive classes: the number of rows of each label; null in a stored report.</summary>
    [JsonIgnore]
    internal IReadOnlyDictionary<string, long>? Labels { get; init; }

    [JsonIgnore]
    internal ConfusionMatrix? Confusion { get; init; }

    /// <summary>Adds the data for plots.</summary>
    public ModelMetrics WithFigures() => this with { Figures = ClassifierFigures.Of(Confusion, Classified) };

    /// <summary>
    /// Number of rows behind a metric. A metric that needs the probability of the label's class leaves out labels that are not classes.
    /// </summary>
    public int RowsOf(string name) => Classified is { } known && MetricNames.NeedsProbability(name) ? known.Rows : Rows;

    /// <summary>Reads the outputs by <paramref name="rule"/> and computes every metric of its task.</summary>
    /// <param name="labels">One per row, as in the data file (<see cref="LabelText"/>).</param>
    public static ModelMetrics Compute(PredictionRule rule, IReadOnlyList<Tensor> outputs, IReadOnlyList<string?> labels)
    {
        Tensor? output = outputs.FirstOrDefault(tensor => tensor.Name == rule.Output && tensor.Count > 0);
        if (output is null || rule.Column >= WidthOf(output))
        {
            string problem = output is null
                ? $"Output '{rule.Output}' has no value for each row; no metric can be computed."
                : $"Output '{rule.Output}' has {WidthOf(output)} columns; there is no column {rule.Column}.";
            return new ModelMetrics(new Dictionary<string, double>(), labels.Count(label => !LabelText.IsMissing(label)),
                [rule.Explanation, problem]);
        }

        Tensor? named = rule.Label is { } name ? outputs.FirstOrDefault(tensor => tensor.Name == name) : null;
        int width = rule.Task == ModelTask.Multilabel ? WidthOf(output) : ProbabilitiesOf(rule, output);
        ClassLabels classes = rule.ClassesOf(width);
        int[] rows = [.. Enumerable.Range(0, labels.Count).Where(
            row => StateOf(rule, classes, width, labels[row]) is LabelState.Class or LabelState.NoClass)];
        var sheet = new MetricSheet(rows.Length);
        sheet.Notes.AddRange(rule.Task == ModelTask.Classification ? [rule.Explanation, classes.Rule] : [rule.Explanation]);
        NoteLeftOut(sheet, rule, labels, row => StateOf(rule, classes, width, labels[row]), width, classes);
        if (rows.Length == 0)
        {
            sheet.Notes.Add("No row has a label; no metric can be computed.");
        }
        else if (rule.Task == ModelTask.Regression)
        {
            Regress(sheet, rule, output, labels, rows);
        }
        else if (rule.Task == ModelTask.Multilabel)
        {
            MultilabelMeasure.Measure(sheet, rule, output, named, labels, rows);
        }
        else
        {
            new ClassifierMeasure(sheet, rule, classes, width).Measure(output, named, labels, rows);
        }

        return new ModelMetrics(sheet.Values, rows.Length, sheet.Notes)
        {
            Sample = sheet.Values.Count > 0 ? sheet.Sample : null,
            Classified = sheet.Classified,
            Regressed = sheet.Regressed,
            Labels = sheet.Labels,
            Confusion = sheet.Confusion,
        };
    }

    /// <summary>The rows of a classifier whose truth is unknown, for an estimate.</summary>
    /// <returns>Null and the reason when they do not allow an estimate; null without a reason unless the model is a classifier.</returns>
    internal static (ClassifiedRows? Rows, string? Reason) Unlabelled(PredictionRule rule, IReadOnlyList<Tensor> outputs)
    {
        if (rule.Task != ModelTask.Classification)
        {
            return (null, rule.Task == ModelTask.Multilabel ? "labels that are not mutually exclusive have no calibration" : null);
        }

        if (outputs.FirstOrDefault(tensor => tensor.Name == rule.Output) is not { Shape: [var count and > 0, ..] } output
            || ProbabilitiesOf(rule, output) is not (> 1 and var width))
        {
            return (null, "there are no probabilities");
        }

        ClassLabels classes = rule.ClassesOf(width);
        int[] rows = [.. Enumerable.Range(0, (int)count)];
        double[] probabilities = ClassScores.Read(rule, output, width, rows);
        Tensor? named = rule.Label is { } name ? outputs.FirstOrDefault(tensor => tensor.Name == name) : null;
        if (classes.Names is not { } names)
        {
            return (null, classes.Rule);
        }

        return ClassifierMeasure.CountNoProbabilities(rule, output, probabilities, width) > 0
            ? (null, $"'{rule.Output}' has scores that are not probabilities")
            : (new ClassifiedRows(probabilities, [.. rows.Select(row => ClassifierMeasure.Predicted(
                classes, named, probabilities, width, row, row) ?? -1)], names, width == 2 ? rule.Column ?? 1 : null, null), null);
    }

    internal static int WidthOf(Tensor output) => (int)(output.Count / output.Shape[0]);

    private static int ProbabilitiesOf(PredictionRule rule, Tensor output) =>
        rule.Kind == PredictionKind.Probabilities ? WidthOf(output) : rule.Kind == PredictionKind.PositiveProbability ? 2 : 0;

    private static LabelState StateOf(PredictionRule rule, ClassLabels classes, int width, string? label) => rule.Task switch
    {
        ModelTask.Classification => classes.Read(label).State,
        _ when LabelText.IsMissing(label) => LabelState.Missing,
        ModelTask.Multilabel => MultilabelMeasure.StateOf(label!, width),
        _ => LabelText.Number(label!) is null ? LabelState.Unreadable : LabelState.Class,
    };

    private static void NoteLeftOut(
        MetricSheet sheet,
        PredictionRule rule,
        IReadOnlyList<string?> labels,
        Func<int, LabelState> stateOf,
        int width,
        ClassLabels classes)
    {
        ILookup<LabelState, string?> left = Enumerable.Range(0, labels.Count).ToLookup(stateOf, row => labels[row]);
        int missing = left[LabelState.Missing].Count();
        if (missing > 0)
        {
            sheet.Notes.Add(string.Create(CultureInfo.InvariantCulture, $"{missing:N0} rows without a label are left out."));
        }

        string requirement = rule.Task switch
        {
            ModelTask.Regression => "is not a number",
            ModelTask.Multilabel => $"is not a list of {width} values, each 0 or 1",
            _ => $"is not {classes.Requirement}",
        };
        sheet.NoteLabels(requirement, [.. left[LabelState.Unreadable].Select(label => label!)], "they are left out.");
    }

    private static void Regress(MetricSheet sheet, PredictionRule rule, Tensor output, IReadOnlyList<string?> labels, int[] rows)
    {
        int width = WidthOf(output);
        double[] truth = [.. rows.Select(row => LabelText.Number(labels[row]!)!.Value)];
        double[] predicted = [.. rows.Select(row => TensorValues.Number(output, (row * width) + (rule.Column ?? 0)))];
        double[] errors = [.. truth.Zip(predicted, (value, answer) => Math.Abs(value - answer))];
        double[] squares = [.. errors.Select(error => error * error)];
        sheet.Regressed = new RegressedRows(truth, predicted, rows);
        sheet.Sample.AddMean(MetricNames.Mae, errors);
        sheet.Sample.AddRootMean(MetricNames.Rmse, squares);
        sheet.Sample.AddRSquared(truth, squares);
        sheet.Add(MetricNames.Mae, RegressionMetrics.MeanAbsoluteError(truth, predicted));
        sheet.Add(MetricNames.Rmse, RegressionMetrics.RootMeanSquaredError(truth, predicted));
        sheet.Add(MetricNames.R2, RegressionMetrics.RSquared(truth, predicted), "there are fewer than two rows, or the model answered NaN");
    }
}
