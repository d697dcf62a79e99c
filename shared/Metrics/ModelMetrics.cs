using System.Globalization;
using System.Text.Json.Serialization;
using Modeldrop.Registry;
using Modeldrop.Tensors;

namespace Modeldrop.Metrics;

/// <summary>The metrics of one model on labelled rows.</summary>
/// <param name="Values">By name, those that could be computed.</param>
/// <param name="Rows">With a label; the others are left out.</param>
/// <param name="Notes">How the outputs were read, and why a metric is missing.</param>
public sealed record ModelMetrics(IReadOnlyDictionary<string, double> Values, int Rows, IReadOnlyList<string> Notes)
{
    /// <summary>Where the values lie with 95 % confidence (<see cref="MetricBootstrap"/>); null: not asked for.</summary>
    public IReadOnlyDictionary<string, MetricInterval>? Intervals { get; init; }

    /// <summary>The rows behind the values; null when there are none, and in a stored report.</summary>
    [JsonIgnore]
    internal MetricSample? Sample { get; init; }

    /// <summary>Of a classifier with probabilities, the rows themselves; null otherwise, and in a stored report.</summary>
    [JsonIgnore]
    internal ClassifiedRows? Classified { get; init; }

    /// <summary>Reads the outputs by <paramref name="rule"/> and computes every metric of its task.</summary>
    /// <param name="labels">One a row, in the data file's text; empty is missing.</param>
    public static ModelMetrics Compute(PredictionRule rule, ModelInspection inspection, IReadOnlyList<Tensor> outputs, IReadOnlyList<string> labels)
    {
        int[] rows = [.. Enumerable.Range(0, labels.Count).Where(row => !string.IsNullOrWhiteSpace(labels[row]))];
        var sheet = new Sheet(rows.Length);
        sheet.Notes.Add(rule.Explanation);
        if (rows.Length < labels.Count)
        {
            sheet.Notes.Add($"{labels.Count - rows.Length:N0} rows without a label are left out.");
        }

        Tensor? output = outputs.FirstOrDefault(tensor => tensor.Name == rule.Output);
        if (output is null || rows.Length == 0)
        {
            sheet.Notes.Add(output is null ? $"Output '{rule.Output}' has no value for each row; no metric can be computed." : "No row has a label; no metric can be computed.");
        }
        else if (rule.Column >= Width(output))
        {
            sheet.Notes.Add($"Output '{rule.Output}' has {Width(output)} columns; there is no column {rule.Column}.");
        }
        else if (rule.Task == ModelTask.Regression)
        {
            Regress(sheet, rule, output, labels, rows);
        }
        else
        {
            Tensor? label = rule.Label is { } name ? outputs.FirstOrDefault(tensor => tensor.Name == name) : null;
            Classify(sheet, rule, inspection, output, label, labels, rows);
        }

        return new ModelMetrics(sheet.Values, rows.Length, sheet.Notes) { Sample = sheet.Values.Count > 0 ? sheet.Sample : null, Classified = sheet.Classified };
    }

    /// <summary>The rows of a classifier whose truth is not known; null when it gives no probabilities, or its classes are not named.</summary>
    internal static ClassifiedRows? Unlabelled(PredictionRule rule, ModelInspection inspection, IReadOnlyList<Tensor> outputs)
    {
        int width = rule.Kind == PredictionKind.PositiveProbability ? 2 : 0;
        if (outputs.FirstOrDefault(tensor => tensor.Name == rule.Output) is not { Shape: [var count and > 0, ..] } output || rule.Task != ModelTask.Classification)
        {
            return null;
        }

        width = rule.Kind == PredictionKind.Probabilities ? Width(output) : width;
        if (width < 2 || inspection.Classes is not { } names || names.Count != width)
        {
            return null;
        }

        int[] rows = [.. Enumerable.Range(0, (int)count)];
        var classes = new ClassLabels(names);
        double[] probabilities = Probabilities(rule, output, width, rows);
        Tensor? label = rule.Label is { } name ? outputs.FirstOrDefault(tensor => tensor.Name == name) : null;
        return new ClassifiedRows(probabilities, Predicted(classes, label, probabilities, width, rows), names, width == 2 ? rule.Column ?? 1 : null, null);
    }

    private static void Regress(Sheet sheet, PredictionRule rule, Tensor output, IReadOnlyList<string> labels, int[] rows)
    {
        var truth = new double[rows.Length];
        for (int index = 0; index < rows.Length; index++)
        {
            if (!double.TryParse(labels[rows[index]], NumberStyles.Float, CultureInfo.InvariantCulture, out truth[index]))
            {
                sheet.Notes.Add($"Label '{labels[rows[index]]}' is not a number; no metric of a regression can be computed.");
                return;
            }
        }

        int width = Width(output);
        double[] predicted = [.. rows.Select(row => TensorValues.Number(output, (row * width) + (rule.Column ?? 0)))];
        double[] errors = [.. truth.Zip(predicted, (value, answer) => Math.Abs(value - answer))];
        double[] squares = [.. errors.Select(error => error * error)];
        sheet.Sample.AddMean(MetricNames.Mae, errors);
        sheet.Sample.AddMean(MetricNames.Rmse, squares, Math.Sqrt);
        sheet.Sample.AddRSquared(truth, squares);
        sheet.Add(MetricNames.Mae, RegressionMetrics.MeanAbsoluteError(truth, predicted));
        sheet.Add(MetricNames.Rmse, RegressionMetrics.RootMeanSquaredError(truth, predicted));
        sheet.Add(MetricNames.R2, RegressionMetrics.RSquared(truth, predicted));
    }

    private static void Classify(Sheet sheet, PredictionRule rule, ModelInspection inspection, Tensor output, Tensor? labelOutput, IReadOnlyList<string> labels, int[] rows)
    {
        int width = rule.Kind == PredictionKind.Probabilities ? Width(output) : rule.Kind == PredictionKind.PositiveProbability ? 2 : 0;
        ClassLabels? classes = FindClasses(sheet, inspection, width, labels, rows);
        int?[] known = [.. rows.Select(row => classes?.Find(labels[row]))];
        bool complete = classes is not null && known.All(index => index is not null);
        if (classes is not null && !complete)
        {
            IEnumerable<string> unknown = rows.Where(row => classes.Find(labels[row]) is null).Select(row => labels[row]).Distinct(StringComparer.Ordinal);
            sheet.Notes.Add($"Labels that are no class of the model: {string.Join(", ", unknown.Take(5).Select(text => $"'{text}'"))}; only accuracy can be computed.");
        }

        double[]? probabilities = width == 0 ? null : Probabilities(rule, output, width, rows);
        int[] predicted = Predicted(classes, labelOutput, probabilities, width, rows);
        sheet.Sample.AddMean(MetricNames.Accuracy, [.. known.Zip(predicted, (truth, answer) => truth == answer ? 1.0 : 0.0)]);
        sheet.Add(MetricNames.Accuracy, ClassificationMetrics.Accuracy([.. known.Select(index => index ?? -1)], predicted));
        if (!complete)
        {
            return;
        }

        int[] truth = [.. known.Select(index => index!.Value)];
        int? positive = classes!.Names.Count == 2 ? rule.Column ?? 1 : null;
        if (Array.TrueForAll(predicted, index => index >= 0))
        {
            (double precision, double recall, double f1) = ClassificationMetrics.PrecisionRecall(truth, predicted, classes.Names.Count, positive);
            sheet.Sample.AddPrecisionRecall(truth, predicted, classes.Names.Count, positive);
            sheet.Add(MetricNames.Precision, precision);
            sheet.Add(MetricNames.Recall, recall);
            sheet.Add(MetricNames.F1, f1);
        }

        if (probabilities is null)
        {
            sheet.Notes.Add("Without probabilities there is no log loss and no ROC AUC.");
            return;
        }

        sheet.Classified = new ClassifiedRows(probabilities, predicted, classes.Names, positive, truth);
        sheet.Sample.AddMean(MetricNames.LogLoss, ClassificationMetrics.LogLosses(truth, probabilities, width));
        sheet.Add(MetricNames.LogLoss, ClassificationMetrics.LogLoss(truth, probabilities, width));
        if (positive is { } column)
        {
            sheet.Notes.Add($"The positive class is '{classes.Names[column]}'.");
            bool[] isPositive = [.. truth.Select(index => index == column)];
            double[] scores = [.. Enumerable.Range(0, truth.Length).Select(row => probabilities[(row * 2) + column])];
            sheet.Sample.AddRocAuc([(isPositive, scores)]);
            sheet.Sample.AddMean(MetricNames.Brier, [.. scores.Zip(isPositive, (score, yes) => (score - (yes ? 1 : 0)) * (score - (yes ? 1 : 0)))]);
            sheet.Sample.AddCalibrationError(isPositive, scores);
            sheet.Add(MetricNames.CalibrationError, ClassificationMetrics.CalibrationError(isPositive, scores));
            sheet.Add(MetricNames.RocAuc, ClassificationMetrics.RocAuc(isPositive, scores), "a class has no row, or a probability is NaN");
            sheet.Add(MetricNames.Brier, ClassificationMetrics.Brier(isPositive, scores));
        }
        else
        {
            sheet.Sample.AddRocAuc([.. Enumerable.Range(0, width).Select(index => (
                truth.Select(one => one == index).ToArray(),
                Enumerable.Range(0, truth.Length).Select(row => probabilities[(row * width) + index]).ToArray()))]);
            sheet.Add(MetricNames.RocAuc, ClassificationMetrics.RocAucOneVersusRest(truth, probabilities, width), "a class has no row, or a probability is NaN");
        }
    }

    private static ClassLabels? FindClasses(Sheet sheet, ModelInspection inspection, int width, IReadOnlyList<string> labels, int[] rows)
    {
        if (inspection.Classes is { } named && (width == 0 || named.Count == width))
        {
            sheet.Notes.Add("The classes and their order are those that the graph names.");
            return new ClassLabels(named);
        }

        ClassLabels found = ClassLabels.FromData(rows.Select(row => labels[row]));
        if (width != 0 && found.Names.Count != width)
        {
            sheet.Notes.Add($"The graph does not name its classes, and the data have {found.Names.Count} different labels for {width} probabilities; which is which cannot be told, so no metric can be computed.");
            return null;
        }

        sheet.Notes.Add("The graph does not name its classes: they are the labels of the data, sorted.");
        return found;
    }

    private static double[] Probabilities(PredictionRule rule, Tensor output, int width, int[] rows)
    {
        var probabilities = new double[rows.Length * width];
        for (int index = 0; index < rows.Length; index++)
        {
            if (rule.Kind == PredictionKind.PositiveProbability)
            {
                double positive = TensorValues.Number(output, rows[index] * Width(output));
                (probabilities[index * 2], probabilities[(index * 2) + 1]) = (1 - positive, positive);
                continue;
            }

            for (int column = 0; column < width; column++)
            {
                probabilities[(index * width) + column] = TensorValues.Number(output, (rows[index] * width) + column);
            }
        }

        return probabilities;
    }

    /// <summary>The class that the model itself names, else the most probable one (the first of equals); -2 is none that is known.</summary>
    private static int[] Predicted(ClassLabels? classes, Tensor? labelOutput, double[]? probabilities, int width, int[] rows)
    {
        if (classes is null)
        {
            return [.. rows.Select(_ => -2)];
        }

        if (labelOutput is not null)
        {
            return [.. rows.Select(row => classes.Find(TensorValues.Text(labelOutput, row)) ?? -2)];
        }

        return [.. Enumerable.Range(0, rows.Length).Select(index =>
        {
            ReadOnlySpan<double> row = probabilities.AsSpan(index * width, width);
            int best = 0;
            for (int column = 1; column < width; column++)
            {
                best = row[column] > row[best] ? column : best;
            }

            return best;
        })];
    }

    private static int Width(Tensor output) => (int)(output.Count / output.Shape[0]);

    private sealed class Sheet(int rows)
    {
        public MetricSample Sample { get; } = new(rows);

        public ClassifiedRows? Classified { get; set; }

        public SortedDictionary<string, double> Values { get; } = new(StringComparer.Ordinal);

        public List<string> Notes { get; } = [];

        public void Add(string name, double? value, string reason = "the model answered NaN")
        {
            if (value is { } known && !double.IsNaN(known))
            {
                Values[name] = known;
            }
            else
            {
                Notes.Add($"{name} is not defined here: {reason}.");
            }
        }
    }
}
