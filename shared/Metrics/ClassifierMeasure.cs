using System.Globalization;
using Modeldrop.Tensors;

namespace Modeldrop.Metrics;

/// <summary>Measures a classifier whose classes are mutually exclusive.</summary>
/// <remarks>
/// If a row's label is not a class of the model, its answer is wrong: the row counts in accuracy, precision, recall and F1. Metrics that
/// need the probability of the label's class are computed from the other rows. If the scores are not probabilities, there is no log loss,
/// Brier score or calibration, and ROC AUC only with one score per row.
/// </remarks>
internal sealed class ClassifierMeasure(MetricSheet sheet, PredictionRule rule, ClassLabels classes, int width)
{
    public void Measure(Tensor output, Tensor? named, IReadOnlyList<string?> labels, int[] rows)
    {
        double[]? probabilities = width == 0 ? null : ClassScores.Read(rule, output, width, rows);
        int wrong = probabilities is null ? 0 : CountNoProbabilities(rule, output, probabilities, width);
        ReadLabel[] read = [.. rows.Select(row => classes.Read(labels[row]))];
        sheet.NoteLabels("is not a class of the model",
            [.. rows.Where((_, index) => read[index].State == LabelState.NoClass).Select(row => labels[row]!)],
            "the model's answer counts as wrong, and log loss, ROC AUC, Brier and calibration are computed without them.");
        sheet.Labels = CountLabels(read);
        if (named is null && wrong > 0 && rule.Kind == PredictionKind.PositiveProbability)
        {
            sheet.Notes.Add("Accuracy, precision, recall and F1 are not computed: a score that is not a probability has no class.");
        }
        else
        {
            AddAnswers(read, named, probabilities, rows);
        }

        if (probabilities is null || classes.Names is null)
        {
            sheet.Notes.Add(probabilities is null ? "Without probabilities, log loss, ROC AUC, Brier and calibration are not computed."
                : "Without known classes, log loss, ROC AUC, Brier and calibration are not computed.");
            return;
        }

        int[] known = [.. Enumerable.Range(0, rows.Length).Where(index => read[index].Index is not null)];
        int[] truth = [.. known.Select(index => read[index].Index!.Value)];
        double[] scores = known.Length == rows.Length ? probabilities
            : [.. known.SelectMany(index => probabilities.Skip(index * width).Take(width))];
        MetricSample sample = sheet.Sample.Among(known);
        if (wrong > 0)
        {
            NoteScores(probabilities, wrong, rows.Length);
        }
        else if (known.Length > 0)
        {
            sheet.Classified = new ClassifiedRows(
                scores, [.. known.Select(index => Predicted(classes, named, probabilities, width, rows[index], index) ?? -1)],
                classes.Names, Positive, truth);
            sample.AddMean(MetricNames.LogLoss, ClassificationMetrics.LogLosses(truth, scores, width));
            sheet.Add(MetricNames.LogLoss, ClassificationMetrics.LogLoss(truth, scores, width));
        }

        AddRanking(sample, truth, scores, wrong > 0);
    }

    /// <summary>Counts rows whose scores are not probabilities.</summary>
    public static int CountNoProbabilities(PredictionRule rule, Tensor output, ReadOnlySpan<double> scores, int width)
    {
        double tolerance = ClassScores.Tolerance(output.Datatype);
        int wrong = 0;
        for (int start = 0; start < scores.Length; start += width)
        {
            wrong += ClassScores.IsProbabilities(scores.Slice(start, width), rule.Task, tolerance) ? 0 : 1;
        }

        return wrong;
    }

    /// <summary>The class that the model names, otherwise the most probable one; null if it is not one of the model's classes.</summary>
    /// <param name="row">Row of the outputs.</param>
    /// <param name="index">Row of the probabilities.</param>
    public static int? Predicted(ClassLabels classes, Tensor? named, double[] probabilities, int width, int row, int index) =>
        named is null ? ClassScores.Best(probabilities.AsSpan(index * width, width)) : classes.Find(classes.KeyOfAnswer(named, row));

    /// <summary>The model's classes first, including those without rows.</summary>
    private Dictionary<string, long> CountLabels(ReadLabel[] read)
    {
        Dictionary<string, long> counts = (classes.Names ?? []).Distinct().ToDictionary(name => name, _ => 0L, StringComparer.Ordinal);
        foreach (ReadLabel label in read)
        {
            string name = label.Index is { } index ? classes.Names![index] : label.Key!;
            counts[name] = counts.GetValueOrDefault(name) + 1;
        }

        return counts;
    }

    private int? Positive => classes.Names?.Count == 2 ? rule.Column ?? 1 : null;

    private void AddAnswers(ReadLabel[] read, Tensor? named, double[]? probabilities, int[] rows)
    {
        // Labels and answers that are not classes are numbered after the classes.
        Dictionary<string, int> others = new(StringComparer.Ordinal);
        int known = classes.Names?.Count ?? 0;
        int[] truth = [.. read.Select(label => label.Index ?? NumberOf(label.Key!))];
        int[] predicted = [.. rows.Select((row, index) => named is null
            ? ClassScores.Best(probabilities.AsSpan(index * width, width))
            : classes.KeyOfAnswer(named, row) is var key && classes.Find(key) is { } one ? one : NumberOf(key))];
        int count = known + others.Count;
        if (count <= ClassifierFigures.MaxClasses)
        {
            sheet.Confusion = ClassifierFigures.Count(truth, predicted, [.. classes.Names ?? [], .. others.Keys]);
        }

        sheet.Sample.AddShare(MetricNames.Accuracy, [.. truth.Zip(predicted, (one, answer) => one == answer)]);
        sheet.Sample.AddPrecisionRecall(truth, predicted, count, Positive);
        sheet.Add(MetricNames.Accuracy, ClassificationMetrics.Accuracy(truth, predicted));
        (double? precision, double? recall, double? f1) = ClassificationMetrics.PrecisionRecall(truth, predicted, count, Positive);
        sheet.Add(MetricNames.Precision, precision, "no row is answered with the positive class");
        sheet.Add(MetricNames.Recall, recall, "no row has the label of the positive class");
        sheet.Add(MetricNames.F1, f1, "no row has, or is answered with, the positive class");

        int NumberOf(string key)
        {
            others.TryAdd(key, known + others.Count);
            return others[key];
        }
    }

    private void NoteScores(double[] scores, int wrong, int rows)
    {
        string example = string.Join(
            ", ", scores.Take(Math.Min(width, 5)).Select(score => score.ToString("0.####", CultureInfo.InvariantCulture)));
        sheet.Notes.Add(string.Create(CultureInfo.InvariantCulture,
            $"'{rule.Output}' has scores that are not probabilities: in {wrong:N0} of {rows:N0} rows they are outside 0 … 1 or do not sum "
                + $"to 1 ")
            + $"(the first row: {example}). Log loss, Brier, calibration and the estimate are not computed; "
            + "if they are logits, set in the manifest \"prediction\": {\"scores\": \"logits\"}.");
    }

    private void AddRanking(MetricSample sample, int[] truth, double[] scores, bool isRaw)
    {
        const string Undefined = "a class has no row, or a probability is NaN";
        if (Positive is { } column && (!isRaw || rule.Kind == PredictionKind.PositiveProbability))
        {
            sheet.Notes.Add($"The positive class is '{classes.Names![column]}'.");
            bool[] isPositive = [.. truth.Select(index => index == column)];
            double[] positive = [.. Enumerable.Range(0, truth.Length).Select(row => scores[(row * 2) + column])];
            sample.AddRocAuc([(isPositive, positive)]);
            sheet.Add(MetricNames.RocAuc, ClassificationMetrics.RocAuc(isPositive, positive), Undefined);
            if (!isRaw)
            {
                sample.AddMean(MetricNames.Brier,
                    [.. positive.Zip(isPositive, (score, yes) => (score - (yes ? 1 : 0)) * (score - (yes ? 1 : 0)))]);
                sample.AddCalibrationError(isPositive, positive);
                sheet.Add(MetricNames.CalibrationError, ClassificationMetrics.CalibrationError(isPositive, positive));
                sheet.Add(MetricNames.Brier, ClassificationMetrics.Brier(isPositive, positive));
            }
        }
        else if (!isRaw)
        {
            sample.AddRocAuc([.. Enumerable.Range(0, width).Select(index => (
                truth.Select(one => one == index).ToArray(),
                Enumerable.Range(0, truth.Length).Select(row => scores[(row * width) + index]).ToArray()))]);
            sheet.Add(MetricNames.RocAuc, ClassificationMetrics.RocAucOneVersusRest(truth, scores, width), Undefined);
        }
        else
        {
            sheet.Notes.Add("roc_auc is not defined here: without probabilities, scores of several classes have no order between rows.");
        }
    }
}
